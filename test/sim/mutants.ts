/**
 * Seeded bugs. Each is put into a copy of the tree, alone, and the simulation must find it. `finds` are the exact words
 * that are replaced, so a change of the code that moves them makes the audit say so.
 */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly finds: string
  readonly puts: string
}

const decide = 'src/core/decide.ts'
const runs = 'src/core/decide/runs.ts'
const end = 'src/core/decide/end.ts'
const world = 'src/core/decide/world.ts'
const advance = 'src/core/decide/advance.ts'
const people = 'src/core/decide/people.ts'
const gates = 'src/core/gates.ts'
const schedule = 'src/core/schedule.ts'
const worker = 'src/engine/worker.ts'
const reaper = 'src/engine/reaper.ts'
const merge = 'src/engine/handlers/merge.ts'
const effects = 'src/engine/handlers/effects.ts'
const intake = 'src/engine/intake.ts'

export const MUTANTS: readonly Mutant[] = [
  // Late word and ends
  {
    name: 'an ended task listens',
    file: decide,
    finds: "if (task.phase.is === 'final')",
    puts: "if (task.phase.is === 'final' && task.runs < 0)",
  },
  {
    name: 'the result of an older run is accepted',
    file: decide,
    finds: "if ('run' in event && event.run !== liveRun(task))",
    puts: "if ('run' in event && task.runs < 0)",
  },
  {
    name: 'a late worker settles a void claim',
    file: worker,
    finds: 'run.job === claim.job && (await tx.completeJob(claim))',
    puts: '(await tx.completeJob(claim)) !== null',
  },
  {
    name: 'a finish is accepted from any state',
    file: worker,
    finds: "run?.state === 'admitted' && run.job === claim.job && (await tx.completeJob(claim))",
    puts: '((await tx.completeJob(claim)), run !== null)',
  },
  {
    name: 'a finish in `cancelling` counts as a result',
    file: worker,
    finds: "if (run?.state === 'cancelling') {",
    puts: "if (run?.state === 'cancelling') {\n        return close(tx, run, eventOf(run, outcome, at), stateOf(outcome), rulesOf, outcome)\n      }\n      if (run === undefined) {",
  },
  {
    name: 'a redelivered job is worked on again',
    file: worker,
    finds: 'if (run.host !== null || claim.delivery > 0) {',
    puts: 'if (claim.delivery < 0) {',
  },
  {
    name: 'a redelivery of an ended run is not settled',
    file: worker,
    finds: "run.state === 'admitted' && run.job === claim.job\n    if (!isOurs)",
    puts: 'run.job === claim.job\n    if (!isOurs)',
  },
  // Fence and reaper
  {
    name: 'the fence never fires',
    file: 'src/engine/fence.ts',
    finds: "if (left <= 0) return stop('fenced')",
    puts: "if (left < -1e12) return stop('fenced')",
  },
  {
    name: 'trust counts from the answer',
    file: 'src/engine/fence.ts',
    finds: 'trustedUntil = sent + fence.trustMs',
    puts: 'trustedUntil = clock.now() + 30_000 + fence.trustMs',
  },
  {
    name: 'the reaper flips any state',
    file: reaper,
    finds: "'run-lost': ['admitted']",
    puts: "'run-lost': ['admitted', 'done', 'failed', 'lost']",
  },
  {
    name: 'the reaper goes by age alone',
    file: 'src/core/reconcile.ts',
    finds: 'if (run.hostGone === true) return lost(',
    puts: 'if (run.hostGone === true || (run.heardAt !== null && at - run.heardAt > 9_000)) return lost(',
  },
  {
    name: 'a cancelled run is taken for gone at once',
    file: 'src/core/reconcile.ts',
    finds: 'const silent = run.heardAt === null || at - run.heardAt > silentMs',
    puts: 'const silent = silentMs > 0',
  },
  {
    name: 'a ready run hides the one that is being ended',
    file: reaper,
    finds: "live.filter(({ state }) => state !== 'ready').map",
    puts: 'live.map',
  },
  {
    name: 'the dead hosts of others are judged here',
    file: reaper,
    finds: 'row.host.name === host.name',
    puts: 'row.host.pid !== host.pid',
  },
  // STOP
  {
    name: 'STOP in the window is dropped',
    file: end,
    finds: 'return decided(stopping, comment(task,',
    puts: 'return decided(task, comment(task,',
  },
  {
    name: 'STOP is carried out inside the window',
    file: end,
    finds: 'if (task.window !== null)\n    return decided(stopping',
    puts: 'if (task.runs < 0)\n    return decided(stopping',
  },
  {
    name: 'STOP does not wait for the processes',
    file: end,
    finds: 'if (ending === null) return finishStop(stopping, at)',
    puts: 'if (ending === null || task.runs > 0) return finishStop(stopping, at)',
  },
  {
    name: 'a hold forgets the STOP of the window',
    file: 'src/core/decide/hold.ts',
    finds: 'if (task.stop !== null) return finishStop',
    puts: 'if (task.stop !== null && task.runs < 0) return finishStop',
  },
  {
    name: 'a moved base forgets the STOP of the window',
    file: runs,
    finds: 'if (nothingMerged && task.stop !== null)',
    puts: 'if (nothingMerged && task.runs < 0)',
  },
  {
    name: 'effects of a stopped task still go out',
    file: end,
    finds: 'if (task.stop === null || task.window !== null ||',
    puts: 'if (task.runs >= 0 || task.window !== null ||',
  },
  {
    name: 'pending effects outlive STOP',
    file: 'src/engine/engine.ts',
    finds: 'await tx.dropEffects(task.id, at)',
    puts: 'await tx.setNext(task.id, false, at)',
  },
  {
    name: 'the merge goes on after STOP',
    file: merge,
    finds: "return isOpen ? null : ({ is: 'handed-back'",
    puts: "return isOpen || isOpen === false ? null : ({ is: 'handed-back'",
  },
  {
    name: 'nothing is read after an unanswered merge',
    file: end,
    finds: 'if (asked !== undefined && merge === undefined)',
    puts: 'if (asked === undefined && merge !== undefined)',
  },
  {
    name: 'a stopped run is not cancelled',
    file: 'src/engine/engine.ts',
    finds: 'if (run.job !== null && (run.state',
    puts: 'if (run.job === null && (run.state',
  },
  {
    name: 'a cancelled task keeps its branch',
    file: end,
    finds: "[{ type: 'delete-branch', key: `${task.id}:branch` } as const]",
    puts: '[]',
  },
  { name: 'nothing is salvaged', file: end, finds: "[{ type: 'salvage', key: `${task.id}:salvage` }]", puts: '[]' },
  {
    name: 'the workspace stays',
    file: end,
    finds: "{ type: 'remove-workspace', key: `${task.id}:workspace` },",
    puts: '',
  },
  // Merge and window
  {
    name: 'the merge is repeated without reading Git',
    file: merge,
    finds: "if (done) return { is: 'finished', facts: done }",
    puts: "if (done === undefined) return { is: 'finished', facts: done ?? {} }",
  },
  {
    name: 'the forge’s answer is believed',
    file: merge,
    finds: "if (proof) return { is: 'finished', facts: proof }",
    puts: "if (proof || answer.is === 'unknown' || answer.is === 'later') return { is: 'finished', facts: proof ?? { merge: { head, base, merge: base, by: 'orch', treeEqual: true } } }",
  },
  {
    name: 'a moved base is not brought in',
    file: merge,
    finds: 'if (!(await deps.repositories.isAncestor(task.repo, base, head)))',
    puts: 'if (!(await deps.repositories.isAncestor(task.repo, head, head)))',
  },
  {
    name: 'windows do not exclude each other',
    file: merge,
    finds: 'if (other !== undefined && other.task !== task.id)',
    puts: 'if (other !== undefined && other.task === -1)',
  },
  {
    name: 'freeze is not read at the intent',
    file: merge,
    finds: 'now?.window === null ? await tx.freezeOf',
    puts: 'now?.window === undefined ? await tx.freezeOf',
  },
  {
    name: 'freeze lets tasks in',
    file: schedule,
    finds: 'const frozen = rules.freeze ? facts.frozen[repo] : undefined',
    puts: 'const frozen = rules.freeze ? facts.frozen[`${repo}?`] : undefined',
  },
  {
    name: 'the intent is not bound to the tested head',
    file: world,
    finds: 'if (event.head !== headOf(task))',
    puts: 'if (event.head === "")',
  },
  {
    name: 'the merge takes whatever head the pull request has',
    file: merge,
    finds: 'if (pr.headSha !== head) {',
    puts: "if (pr.headSha === '') {",
  },
  {
    name: 'the merge commit is never checked',
    file: 'src/core/pipeline.ts',
    finds: "return merge?.by === 'orch' && merge.treeEqual ?",
    puts: 'return merge ?',
  },
  {
    name: 'the lane is not a lane',
    file: schedule,
    finds: 'rules.serialGate(repo) && (owner.has(repo) || before > 0)',
    puts: 'rules.serialGate(repo) && before > 99',
  },
  {
    name: 'a run starts before the one before it has ended',
    file: schedule,
    finds: 'if (live.some((other) => other.task === run.task))',
    puts: 'if (live.some((other) => other.run === run.run))',
  },
  {
    name: 'slots are not counted',
    file: schedule,
    finds: 'if (live.length >= caps.total)',
    puts: 'if (live.length >= caps.total + 2)',
  },
  // Evidence and approval
  {
    name: 'evidence is of the branch, not of the content',
    file: 'src/core/evidence.ts',
    finds: "if (content === 'code') return [head]",
    puts: "if (content === 'code' && lineage.length === 0) return [head]",
  },
  {
    name: 'a check of other content passes',
    file: gates,
    finds: 'if (check === undefined || !holds(task, check))',
    puts: 'if (check === undefined)',
  },
  {
    name: 'a check that is absent passes',
    file: gates,
    finds: "return fail('the check command has not run on this commit')",
    puts: "return pass('?')",
  },
  {
    name: 'a failed check passes',
    file: gates,
    finds: 'return fail(`\\`${check.command}\\` on ${short(check.sha)}: ${check.sentence}`)',
    puts: "return pass('?')",
  },
  {
    name: 'a check that changed its tree passes',
    file: 'src/engine/handlers/check.ts',
    finds: "return untouched ? { verdict: 'pass'",
    puts: "return untouched || !untouched ? { verdict: 'pass'",
  },
  {
    name: 'the reviewer’s word is not read',
    file: gates,
    finds: "review?.frontMatter.verdict === 'APPROVED'",
    puts: "review?.frontMatter.verdict !== '?'",
  },
  {
    name: 'the tester’s word is not read',
    file: gates,
    finds: "report?.frontMatter.test_status === 'PASS'",
    puts: "report?.frontMatter.test_status !== '?'",
  },
  {
    name: 'a silent reviewer repeats an old word',
    file: 'src/engine/handlers/change.ts',
    finds: 'const isKept = isSame && (',
    puts: 'const isKept = isSame || (',
  },
  {
    name: 'an edit does not void the approval',
    file: advance,
    finds: 'if (needsNewApproval(task)) return',
    puts: 'if (task.runs < 0) return',
  },
  {
    name: 'an edit just before the merge is not seen',
    file: world,
    finds: 'if (task.window === null && !approvalStands(task))',
    puts: 'if (task.window === null && task.runs < 0)',
  },
  {
    name: 'a stale approval counts',
    file: people,
    finds: 'if (event.subject !== undefined && event.subject !== subject)',
    puts: 'if (event.subject === "?")',
  },
  {
    name: 'an approval said before the edit counts',
    file: people,
    finds: 'event.said < task.phase.since',
    puts: 'event.said < 0',
  },
  // Budgets
  {
    name: 'crashes are not counted',
    file: runs,
    finds: "decided(spend(task, 'crashes'), note(",
    puts: 'decided(task, note(',
  },
  {
    name: 'overload is not counted',
    file: runs,
    finds: "decided(spend(task, 'transients'), note(",
    puts: 'decided(task, note(',
  },
  {
    name: 'attempts are not counted',
    file: advance,
    finds: "const spent = spend(task, 'attempts')",
    puts: 'const spent = task',
  },
  {
    name: 'reworks are not counted',
    file: advance,
    finds: "return moveBack(spend(task, 'reworks'), to, reasons, rules, at)",
    puts: 'return moveBack(task, to, reasons, rules, at)',
  },
  {
    name: 'refreshes are not counted',
    file: runs,
    finds: "return visit(spend(kept, 'refreshes'), to,",
    puts: 'return visit(kept, to,',
  },
  {
    name: 'Retry-After is not kept',
    file: 'src/core/retry.ts',
    finds: 'return Math.max(own, asked)',
    puts: 'return Math.min(own, Math.max(asked, own))',
  },
  {
    name: '`retry` grants nothing',
    file: people,
    finds: 'BUDGET_OF[reason] ? grant(task, BUDGET_OF[reason]) : task',
    puts: 'task',
  },
  // Intake and orders
  {
    name: 'a bot’s change starts work',
    file: intake,
    finds: "if (actorOf(change).isBot) return 'our own doing'",
    puts: "if (actorOf(change).isBot && change.is === 'edited') return 'our own doing'",
  },
  {
    name: 'anybody may order',
    file: intake,
    finds: 'if (!deps.isListed(project, comment.by))',
    puts: "if (project === '')",
  },
  {
    name: 'a change told twice is applied twice',
    file: intake,
    finds: 'key: change.id, body:',
    puts: 'key: `${change.id} ${at}`, body:',
  },
  {
    name: 'a move from before the end opens a task',
    file: intake,
    finds: 'if (newest !== null && change.at <',
    puts: 'if (newest !== null && change.at + 1e12 <',
  },
  {
    name: 'a request told twice is done twice',
    file: 'src/engine/orders.ts',
    finds: "=== 'known')",
    puts: "=== ('never' as string))",
  },
  {
    name: 'a message that cannot be applied is dropped',
    file: intake,
    finds: 'await store.transaction((tx) => tx.postponeMessage(row.id, clock.now() + wait))',
    puts: 'await store.transaction((tx) => tx.settleMessage(row.id, `dropped ${wait}`, clock.now()))',
  },
  {
    name: 'words on one item overtake each other',
    file: intake,
    finds: 'else waiting.add(about)',
    puts: "else waiting.add('')",
  },
  // Outside writes
  {
    name: 'a push takes the branch as it is',
    file: effects,
    finds: '(await isOurs(repositories, task.repo, there, effect.sha))',
    puts: '(await isOurs(repositories, task.repo, there, there))',
  },
  {
    name: 'a branch is deleted wherever it is',
    file: effects,
    finds: 'return (await isOurs(repositories, task.repo, there, head))',
    puts: 'return (await isOurs(repositories, task.repo, there, there))',
  },
  {
    name: 'an effect that was settled is tried again',
    file: 'src/engine/effects.ts',
    finds: 'await store.transaction((tx) => tx.releaseEffect(row.id, deps.host))\n    throw thrown',
    puts: 'await fail(deps, row, thrown)\n    throw thrown',
  },
  {
    name: 'an effect that failed once is given up',
    file: 'src/engine/effects.ts',
    finds: "state: isFinal ? 'failed' : 'pending'",
    puts: "state: isFinal || row.tries > 1 ? 'failed' : 'pending'",
  },
  {
    name: 'a failed comment is called done',
    file: effects,
    finds:
      'const outcome = await tracker.ensureComment(task.project, task.item.id, {\n        key: effect.key,\n        voice: effect.voice,\n        text: effect.text,\n      })',
    puts: "const outcome = await tracker.ensureComment(task.project, task.item.id, {\n        key: effect.key,\n        voice: effect.voice,\n        text: effect.text,\n      }).catch(() => 'created')",
  },
]
