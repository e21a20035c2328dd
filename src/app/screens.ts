/** What `load-screens.ts` loads: what is shown where a page is not. */
import './components/ws-board.ts';
import './components/ws-home.ts';
import './components/ws-poll.ts';
