/**
 * The numbers of the protocol, each with what it was tuned with. `npm run bench -- membership` measures what they give: on links of 5 to
 * 60 ms a crash is suspected within 3 s and known to all within 6 s.
 */

/** One a second and link: six of them cost about a hundred bytes a second. */
export const heartbeatEveryMs = 1000;
/** A heartbeat that is due this soon goes with the present tick: timers of a hidden tab come once a second and not quite. */
export const heartbeatSlackMs = 120;
/** Intervals that a link is judged by: under two minutes, so that a road that has changed is believed soon. */
export const windowMax = 100;
/** The deviation is never taken for less. Timers of 250 ms are what jitters on the best of links. */
export const deviationMinMs = 100;
/** A pause that says nothing: one heartbeat lost or a long task of the page. */
export const pauseMs = 800;
/** From here on a link is asked (one in ten intervals is as long, by chance), and its word contradicts no accusation. */
export const phiDoubt = 1;
/** From here on its peer is accused: one in a hundred million. Pekko's own default. */
export const phiSuspect = 8;
/** While in doubt, a probe of our own this often: one answer of a road of 200 ms fits in between. */
export const probeEveryMs = 500;
/** … and others are asked this often: what they say of it, or that they hear nothing, has come by then. */
export const askEveryMs = 1000;
/** Others that are asked to probe, each round (SWIM, section 4.1). */
export const indirectProbesMax = 3;
/** Who was asked to probe says that nothing came after this, so that the asker knows that it is not itself that is cut off. */
export const nackAfterMs = 250;
/** What somebody else has heard of it keeps a peer from being accused for this long. */
export const vouchForMs = 2000;
/** A link without a word of its own for so long is given up, whatever others say of the peer. */
export const linkSilentMaxMs = 10_000;

/** Confirmations by others after which no more are waited for (Lifeguard, section 3.2). */
export const confirmationsWanted = 3;
/** From suspicion to death with all confirmations: a refutation crosses the overlay, twice lost and repeated, in half of it. */
export const suspicionMinMs = 2000;
/** … and with none. */
export const suspicionMaxMs = 15_000;
/** … and where there is nobody who could confirm: a space of two. */
export const suspicionAloneMs = 5000;
/** Those who watch the suspect speak first; others bury it only if they were not heard. */
export const bystanderWaitsMs = 1000;
/** A witness that neither confirms nor brings the suspect to answer is waited for this many times the longest suspicion. */
export const witnessPatience = 3;

/** Dead and left stay in the table this long, for whoever shows that they have gone; then only their tombstone does. */
export const reapAfterMs = 30_000;
/** No gossip from before a death is under way longer. A tab that slept for half of it begins anew. */
export const tombstoneMs = 24 * 3_600_000;

/** A tick that comes this late says that we slept, not the others. */
export const wakeAfterMs = 5000;
/** Ticks come every 250 ms; one that comes later than this is a sign that it is we who are slow. */
export const lateTickMs = 700;
/** How bad our own health can be; every timeout is stretched by 1 + this at most (Lifeguard: 8). */
export const healthScoreMax = 8;

/** Two tables that differ for so many heartbeats are compared. */
export const mismatchesMax = 2;
/** … but not while news is under way, … */
export const tableCalmMs = 1500;
/** … unless there is no end to it, … */
export const mismatchesPatience = 6;
/** … nor again before the last comparison has had its effect. */
export const compareEveryMs = 3000;
/**
 * A record that changed in nothing but its neighbours waits for further changes of the view. Everyone hears of every record: so that what
 * one member hears in a second stays the same, the wait grows with their number.
 */
export function recordGatherMsOf(presentCount: number): number {
  return Math.max(2000, 20 * presentCount);
}

/** Up to so many members everyone is linked with everyone. */
export const fullMeshMax = 8;
/** Links beyond that: fewer are topped up to `activeTarget` … */
export const activeMin = 5;
export const activeTarget = 6;
/** … and no more are ever held. */
export const activeMax = 8;
/** Members to turn to when a link ends (HyParView: active × c, c = 6 less what is never needed). */
export const passiveMax = 30;
/** Links that are being made at once. */
export const diallingMax = 3;
/** A dial that has not come up is given up, and its peer left alone for as long again. */
export const dialPatienceMs = 8000;
/** Members that nobody within reach watches are dialled, and suspected this long after records have had the time to say who does. */
export const islandAfterMs = 6000;
