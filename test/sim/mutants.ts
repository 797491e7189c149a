// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are words of code, not templates
/**
 * Seeded bugs. Each is put into a copy of the tree, alone, and the simulation must find it. `finds` are the exact words
 * that are replaced, so a change of the code that moves them makes the audit say so.
 */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly finds: string
  readonly puts: string
  /** Where the simulation cannot reach: the test file that finds it. */
  readonly test?: string
  /** And why it cannot. */
  readonly why?: string
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
const engine = 'src/engine/engine.ts'
const outbox = 'src/engine/effects.ts'
const evidence = 'src/core/evidence.ts'
const reconcile = 'src/core/reconcile.ts'

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
    test: 'test/core/decide/runs.test.ts',
    why: 'The worker and the reaper refuse late results too; left over is a merge that was held up past its claim.',
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
    test: 'test/engine/fence.test.ts',
    why: 'In reach, but rare: the answer must come late, every later touch must fail, and the agent must still work.',
  },
  {
    name: 'the reaper flips any state',
    file: reaper,
    finds: "'run-lost': ['admitted']",
    puts: "'run-lost': ['admitted', 'done', 'failed', 'lost']",
    test: 'test/engine/reaper.test.ts',
    why: 'In reach, but rare: the run must end between the reaper’s look and its flip.',
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
    test: 'test/engine/reaper.test.ts',
    why: 'In reach, but rare: the host must die while a run is being ended whose successor is ready.',
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
    test: 'test/core/decide/window.test.ts',
    why: 'A merge run takes its head from the task when it begins; only a second guard would let another one through.',
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
    test: 'test/core/decide/gates-code.test.ts',
    why: 'The check runs right before its gate, so its record is always of the newest content.',
  },
  {
    name: 'a check that is absent passes',
    file: gates,
    finds: "return fail('the check command has not run on this commit')",
    puts: "return pass('?')",
    test: 'test/core/decide/gates-code.test.ts',
    why: 'A check run that ends always leaves a record.',
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
    test: 'test/core/decide/window.test.ts',
    why: 'In reach, but rare: the edit must come between the start of the merge run and its window.',
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
    finds: "isFree ? task : spend(task, 'transients')",
    puts: 'task',
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
    finds: "Person => (change.is === 'commented' ? change.comment.by : change.by)",
    puts: "Person => ({ ...(change.is === 'commented' ? change.comment.by : change.by), isBot: false })",
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
    finds: "const state = isFinal ? 'failed' : 'pending'",
    puts: "const state = isFinal || row.tries > 1 ? 'failed' : 'pending'",
  },
  {
    name: 'a failed comment is called done',
    file: effects,
    finds:
      'const outcome = await tracker.ensureComment(task.project, task.item.id, {\n        key: effect.key,\n        voice: effect.voice,\n        text: effect.text,\n      })',
    puts: "const outcome = await tracker.ensureComment(task.project, task.item.id, {\n        key: effect.key,\n        voice: effect.voice,\n        text: effect.text,\n      }).catch(() => 'created')",
  },
  // Found missing in the product by the simulation, or kept from coming back
  {
    name: 'a worker held up begins with its agent all the same',
    file: 'src/engine/handlers/agent.ts',
    finds: "if (signal.aborted) return { is: 'stopped' }\n    const workspace",
    puts: 'const workspace',
    test: 'test/engine/handlers/held-up.test.ts',
    why: 'In reach, but rare: the call that hangs must outlast the claim, and the next run must have begun.',
  },
  {
    name: 'a worker held up begins with its check all the same',
    file: 'src/engine/handlers/check.ts',
    finds: "if (signal.aborted) return { is: 'stopped' }\n    const workspace",
    puts: 'const workspace',
    test: 'test/engine/handlers/held-up.test.ts',
    why: 'In reach, but rare: the call that hangs must outlast the claim, and the next run must have begun.',
  },
  {
    name: 'a bot’s STOP swallows a person’s move',
    file: intake,
    finds: "item.status === 'stop' && !item.statusBy.isBot &&",
    puts: "item.status === 'stop' &&",
    test: 'test/engine/intake.test.ts',
    why: 'In reach, but rare: the bot must be quicker than the next look at the tracker.',
  },
  {
    name: 'a claim is not proven before the work begins',
    file: worker,
    finds: 'if (!(await deps.queue.touch(claim))) return',
    puts: 'await deps.queue.touch(claim)',
    test: 'test/engine/worker.test.ts',
    why: 'In reach, but rare: the delivery must arrive between its redelivery and the handling of that.',
  },
  {
    name: 'trust counts from the beginning of the work',
    file: 'src/engine/fence.ts',
    finds: 'let trustedUntil = proven + fence.trustMs',
    puts: 'let trustedUntil = Math.max(proven, clock.now()) + fence.trustMs',
    test: 'test/engine/worker.test.ts',
    why: 'In reach, but rare: the answer of the first proof must hang, and every later touch must fail.',
  },
  {
    name: 'the status of an earlier task of the item is shown',
    file: outbox,
    finds: '|| (await tx.newestTaskOf(project, item.id))?.task.id !== id',
    puts: '|| id === -1',
  },
  {
    name: 'a moved base settles a merge that nobody answered',
    file: evidence,
    finds: 'const isSettled = rest.merge !== undefined ||',
    puts: 'const isSettled = refreshed !== undefined || rest.merge !== undefined ||',
    test: 'test/core/decide/stop-in-window.test.ts',
    why: 'In reach, but rare: the merge must come late, base must move before it, and STOP after it.',
  },
  {
    name: 'a rework forgets what was merged',
    file: advance,
    finds: '{ ...rest, earlierMerges: [...earlierMerges, merge.merge] }',
    puts: 'rest',
    test: 'test/core/decide/stop-in-window.test.ts',
    why: 'In reach, but rare: the merge commit must fail its check, a person must send it back, and STOP must come before the next merge.',
  },
  // Stages, gates and budgets
  {
    name: 'an approval is not bound to what was approved',
    file: gates,
    finds: 'task.evidence.approval?.subject === approvalSubject(task)',
    puts: "task.evidence.approval !== undefined && approvalSubject(task) !== ''",
  },
  {
    name: 'the subject of an approval leaves the analysis out',
    file: evidence,
    finds: "${task.evidence.artefacts.analysis?.digest ?? 'none'}",
    puts: "${task.evidence.artefacts.analysis ? 'some' : 'none'}",
    test: 'test/core/evidence.test.ts',
    why: 'In reach, but rare: a person must send an approved task back as far as its analysis.',
  },
  {
    name: 'a stage change gives all budgets back',
    file: advance,
    finds: 'used: { ...task.used, attempts: 0 },',
    puts: 'used: { attempts: 0, reworks: 0, transients: 0, crashes: 0, refreshes: 0 },',
  },
  {
    name: 'a stage change does not give the attempts back',
    file: advance,
    finds: 'used: { ...task.used, attempts: 0 },',
    puts: 'used: task.used,',
  },
  {
    name: 'overload counts as an attempt',
    file: runs,
    finds: "return event.failure.class === 'transient'",
    puts: "return event.failure.class === 'transient' && event.at < 0",
  },
  {
    name: 'a run handed back counts as a crash',
    file: runs,
    finds: 'if (!event.counts) return',
    puts: 'if (event.at < 0) return',
  },
  {
    name: 'the gates of a step are not all judged',
    file: advance,
    finds: 'const verdicts = step.gates.map(',
    puts: 'const verdicts = step.gates.slice(0, 2).map(',
  },
  {
    name: 'a person is asked before the failure is seen',
    file: advance,
    finds: "const failed = first('again') ?? first('fail')",
    puts: "const failed = first('human') ? undefined : (first('again') ?? first('fail'))",
    test: 'test/core/decide/judging.test.ts',
    why: 'In reach, but rare: the same work must both fail a gate and touch protected files.',
  },
  {
    name: 'new work answers with the old merge',
    file: advance,
    finds: 'return then(decided(withoutMerge(task), told)',
    puts: 'return then(decided({ ...task, evidence: { ...task.evidence, ...withoutMerge(task).evidence } }, told)',
    test: 'test/core/decide/stop-in-window.test.ts',
    why: 'In reach, but rare: the merge commit must fail its check, and a person must send it back.',
  },
  {
    name: 'a change of protected files passes',
    file: gates,
    finds: 'if (change.protectedPaths.length === 0) return',
    puts: 'if (change.protectedPaths.length < 99) return',
  },
  {
    name: 'the approval of a protected change holds for every later one',
    file: gates,
    finds: 'if (protectedApproval?.diffDigest === change.diffDigest)',
    puts: 'if (protectedApproval !== undefined)',
    test: 'test/core/decide/gates-code.test.ts',
    why: 'In reach, but rare: the same task must change protected files twice.',
  },
  {
    name: 'files of others may be changed',
    file: gates,
    finds: 'if (change.outside.length > 0) return',
    puts: 'if (change.outside.length > 99) return',
    test: 'test/core/decide/gates-code.test.ts',
    why: 'Such work is not taken over from the checkout in the first place.',
  },
  {
    name: 'the developer may write the analysis anew',
    file: 'src/engine/handlers/change.ts',
    finds: "if (path === analysis) return role !== 'analyst'",
    puts: "if (path === analysis) return role === 'tester'",
  },
  {
    name: 'work that is out of scope is taken over',
    file: 'src/engine/handlers/take-over.ts',
    finds: 'if (outside.length === 0) return collected.head',
    puts: 'if (outside.length < 99) return collected.head',
  },
  {
    name: 'a branch with nothing in it passes',
    file: gates,
    finds: 'return ahead > 0',
    puts: 'return ahead >= 0',
    test: 'test/core/decide/gates-code.test.ts',
    why: 'The documents of the task are always ahead of base.',
  },
  {
    name: 'CI that is red passes',
    file: gates,
    finds: "seen[name] === 'failure')",
    puts: "seen[name] === ('never' as string))",
    test: 'test/core/decide/gates-code.test.ts',
    why: 'Nothing asks the forge for CI contexts yet.',
  },
  {
    name: 'a deadline of an old visit fires',
    file: world,
    finds: ' && task.visit === event.visit',
    puts: '',
    test: 'test/core/decide/waiting.test.ts',
    why: 'A task that waits for CI leaves the stage only through the deadline itself.',
  },
  {
    name: 'a deadline never fires',
    file: reconcile,
    finds: 'deadlines.filter(({ due }) => due <= at)',
    puts: 'deadlines.filter(({ due }) => due < 0 && at > 0)',
  },
  // STOP, lanes and merges
  {
    name: 'STOP lets a ready run start',
    file: engine,
    finds: "await tx.updateRun(id, ['ready', 'admitted'], {",
    puts: "await tx.updateRun(id, ['admitted'], {",
  },
  {
    name: 'the lane is free before the processes are gone',
    file: end,
    finds: 'const waiting: Task = {\n    ...stopping,\n    ending,',
    puts: 'const waiting: Task = {\n    ...stopping,\n    lane: false,\n    ending,',
  },
  {
    name: 'a second run begins while the first is being ended',
    file: decide,
    finds: "if (task.phase.is === 'waiting' && task.phase.on === 'processes') return whileStopping(task, event)",
    puts: '',
  },
  {
    name: 'a run that was cancelled for a hold is forgotten',
    file: world,
    finds: '{ ...task, ending: run, phase:',
    puts: '{ ...task, phase:',
    test: 'test/core/decide/merge-trouble.test.ts',
    why: 'In reach, but rare: STOP must come while the cancelled run is still being ended.',
  },
  {
    name: 'Orch’s own late merge is taken for a person’s',
    file: reconcile,
    finds: 'if (pr === undefined || pr.byUs || task.window !== null)',
    puts: 'if (pr === undefined || task.window !== null)',
  },
  {
    name: 'a merge of an untested head completes the task',
    file: world,
    finds: "if (task.stage === 'deploy' && !task.lineage.includes(event.head)) {",
    puts: "if (task.stage === 'deploy' && event.head === '') {",
  },
  {
    name: 'a person’s merge is not checked',
    file: 'src/core/pipeline.ts',
    finds: "return merge?.by === 'orch' && merge.treeEqual ?",
    puts: "return merge?.by === 'person' || merge?.treeEqual ?",
  },
  {
    name: 'a person’s merge is not looked for',
    file: reconcile,
    finds: "if (pr.state === 'merged' && pr.merge",
    puts: "if (pr.state === 'open' && pr.merge",
  },
  {
    name: 'a merge run starts while the repository is frozen',
    file: schedule,
    finds: 'if (frozen !== undefined) return `${run.repo} is frozen',
    puts: "if (frozen === '') return `${run.repo} is frozen",
    why: 'The intent reads the freeze again in its own transaction, and hands the run back.',
    test: 'test/core/properties/schedule.test.ts',
  },
  {
    name: 'the gate lets in who waits for another task',
    file: schedule,
    finds: 'if (blockers.length > 0) waits.set',
    puts: 'if (blockers.length > 99) waits.set',
    why: 'No store tells blockers yet, so no seed has one.',
    test: 'test/core/properties/schedule.test.ts',
  },
  {
    name: 'caps of a role are not kept',
    file: schedule,
    finds: 'if (ofRole !== undefined && live',
    puts: 'if (ofRole !== undefined && ofRole < 0 && live',
  },
  {
    name: 'a run starts before its time',
    file: schedule,
    finds: 'if (run.notBefore > now) return',
    puts: 'if (run.notBefore > now + 1e9) return',
  },
  {
    name: 'a hold keeps its window',
    file: 'src/core/decide/hold.ts',
    finds: 'const heldTask: Task = {\n    ...task,\n    window: null,',
    puts: 'const heldTask: Task = {\n    ...task,',
  },
  {
    name: 'the queue is not asked at the end whether the claim stands',
    file: worker,
    finds: 'run.job === claim.job && (await tx.completeJob(claim))',
    puts: 'run.job === claim.job && ((await tx.completeJob(claim)) || true)',
  },
  // The outbox and the inbox
  {
    name: 'a comment gets a new name with every try',
    file: effects,
    finds: 'key: effect.key,\n        voice',
    puts: 'key: `${effect.key}@${clock.now()}`,\n        voice',
  },
  {
    name: 'the claim of an effect is given back before it is settled',
    file: outbox,
    finds: 'until: now + deps.claimMs,',
    puts: 'until: now,',
  },
  {
    name: 'the reaper takes effects from living hosts',
    file: reaper,
    finds: 'by.name === host.name && !processes.isAlive(by)',
    puts: 'by.name === host.name',
  },
  {
    name: 'a message is settled before it is applied',
    file: intake,
    finds: 'if ((await tx.inboxMessage(row.id)) === null) return false',
    puts: 'if (row.id < 0) return false',
  },
  {
    name: 'the place in the feed moves before its messages are kept',
    file: intake,
    finds: 'for (const change of told.changes)\n      await tx.receive',
    puts: 'for (const change of told.changes.slice(0, 1))\n      await tx.receive',
  },
  {
    name: 'a late push overwrites what a person pushed',
    file: merge,
    finds: 'if (isLate && there !== head)',
    puts: 'if (there !== null && there !== head)',
  },
]
