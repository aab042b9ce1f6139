export function bundledNode(platform: string, arch: string): string;
export function chooseNode(machine: {
  version: string;
  platform: string;
  arch: string;
  resolve: (file: string) => string;
}): string | undefined;
export function chooseScript(
  args: readonly string[],
  fallback: string,
): { script: string; args: string[] };
export function replaceBy(program: string, args: readonly string[]): void;
export function keepCompiled(
  module: { enableCompileCache?: (folder: string) => unknown },
  env: NodeJS.ProcessEnv,
): void;
