/** The arguments of one run. Nothing of the task is among them: the prompt comes by stdin, settings by a file. */

export const codexArgs = (session: string | null): readonly string[] => [
  'exec',
  ...(session === null ? [] : ['resume']),
  '--json',
  // The repository's rules on which commands may run; ours is the isolation.
  '--ignore-rules',
  // Whether it is one it can use is for Orch to say, and a check of its own would be a failure of its own.
  '--skip-git-repo-check',
  ...(session === null ? [] : [session]),
  '-',
]
