// `openclaw models status` after the rotations: it is to show who rests, and until when.
import { mustSucceed } from './host.mjs';
import { failing, healthy } from './measure.mjs';

/** How far the gateway's time may be from ours: it books its own beliefs too, and is told the truth a moment later. */
const CLOSE_MS = 1000;

/** `windows` are those of the row with the two-hour wait, whose provider is `id`. */
export async function checkStatus(state, id, windows) {
  const said = await mustSucceed(state, ['models', 'status', '--json']);
  const { auth } = JSON.parse(said.slice(said.indexOf('{')));
  const untilOf = (account) => auth.unusableProfiles.find(({ profileId }) => profileId === `${id}:${account}`)?.until;
  const wrong = failing.filter((account) => !(Math.abs(untilOf(account) - windows[account]) <= CLOSE_MS));
  const faults = wrong.map((account) => `${account} rests until ${windows[account]}, it shows ${untilOf(account)}`);
  if (untilOf(healthy)) faults.push(`it shows ${healthy} as resting`);
  const shown = failing.length - wrong.length;
  return {
    name: '`openclaw models status`',
    seen: `shows ${shown} of ${failing.length} at rest for two hours`,
    faults,
  };
}
