/** Changes single settings of config.json and leaves the rest as it is written. */
import { existsSync } from 'node:fs';
import { parseConfig, type NodeConfig } from '../config.ts';
import { readWhole, writeWhole } from './whole-file.ts';

type Json = Record<string, unknown>;

/** Throws ExitError 78 when the settings would be wrong with it, and 74. */
export function setSetting(path: string, key: string, value: unknown): NodeConfig {
  const json = existsSync(path) ? (JSON.parse(readWhole(path)) as Json) : {};
  const words = key.split('.');
  const last = words.pop()!;
  let section = json;
  for (const word of words) {
    section[word] = { ...(section[word] as Json | undefined) };
    section = section[word] as Json;
  }
  section[last] = value;
  const content = `${JSON.stringify(json, null, 2)}\n`;
  const config = parseConfig(content);
  writeWhole(path, content, 0o644);
  return config;
}
