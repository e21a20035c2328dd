/** What `load-screens.ts` loads: screens of documents that are no page. */
import './components/ws-board.ts';
import './components/ws-poll.ts';
