/** bitscale tx upgrade and consensus: what the authority of the chain may do. */
import { readJson } from '../tx/files.ts';
import { messageCommand } from './message-command.ts';

const UPGRADE = '/cosmos.upgrade.v1beta1';
const UPDATE_PARAMS = '/cosmos.consensus.v1.MsgUpdateParams';

const software = messageCommand({
  name: 'upgrade software-upgrade',
  types: [`${UPGRADE}.MsgSoftwareUpgrade`],
  summary: 'Plan an upgrade of the program at a height (authority only)',
  arguments: ['<name>'],
  options: {
    'upgrade-height': { value: '<height>', help: 'the block that needs the new program' },
    'upgrade-info': { value: '<text>', help: 'what operators should know', default: '' },
  },
  examples: ['upgrade software-upgrade v2 --upgrade-height 1000 --from board --generate-only'],
  make: ({ call, from }) => [
    {
      '@type': `${UPGRADE}.MsgSoftwareUpgrade`,
      authority: from,
      plan: {
        name: call.argument(0),
        // No upgrade happens at a time; this is how the Cosmos SDK writes none.
        time: '0001-01-01T00:00:00Z',
        height: String(call.integer('upgrade-height')),
        info: call.text('upgrade-info'),
      },
    },
  ],
});

const cancel = messageCommand({
  name: 'upgrade cancel-software-upgrade',
  types: [`${UPGRADE}.MsgCancelUpgrade`],
  summary: 'Drop the plan of an upgrade (authority only)',
  examples: ['upgrade cancel-software-upgrade --from board --generate-only'],
  make: ({ from }) => [{ '@type': `${UPGRADE}.MsgCancelUpgrade`, authority: from }],
});

const params = messageCommand({
  name: 'consensus update-params',
  types: [UPDATE_PARAMS],
  summary: 'Set the consensus parameters (authority only)',
  arguments: ['<file>'],
  examples: ['consensus update-params params.json --from board --generate-only'],
  make: async ({ call, terminal, from }) => {
    const given = (await readJson(terminal, call.argument(0))) as Record<string, unknown>;
    const { block, evidence, validator, abci } = (given['params'] ?? given) as typeof given;
    const set = { block, evidence, validator, ...(abci != null && { abci }) };
    return [{ '@type': UPDATE_PARAMS, authority: from, ...set }];
  },
});

export const authorityMessages = [software, cancel, params];
