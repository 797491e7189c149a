import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadHouseRules, loadPrompts } from '../../../src/adapters/files/prompts.ts'
import { analysisProblem, architectureProblem, reviewProblem, testReportProblem } from '../../../src/core/artefacts.ts'
import { UserError } from '../../../src/core/errors.ts'
import { promptFor } from '../../../src/core/prompt.ts'
import { ARTEFACTS, type ArtefactName, ROLES, type Role } from '../../../src/core/words.ts'
import { readFrontMatter } from '../../../src/engine/front-matter.ts'
import { newTask } from '../../core/support/tasks.ts'

const shipped = fileURLToPath(new URL('../../../prompts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'orch-prompts-'))
after(() => rmSync(dir, { recursive: true, force: true }))

const refused = (load: () => unknown): string => {
  try {
    load()
  } catch (thrown) {
    assert.ok(thrown instanceof UserError, String(thrown))
    return thrown.message
  }
  return 'loaded'
}
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

const OWED: Readonly<Record<Role, readonly (ArtefactName | null)[]>> = {
  analyst: ['analysis'],
  architect: ['architecture'],
  developer: [null],
  reviewer: ['review'],
  tester: ['test'],
  deployer: ['staging', 'deploy'],
}
const PROBLEMS = {
  analyst: analysisProblem,
  architect: architectureProblem,
  reviewer: reviewProblem,
  tester: testReportProblem,
}

describe('the prompts of Orch', () => {
  const prompts = loadPrompts(shipped)
  const render = (role: Role, artefact: ArtefactName | null) =>
    promptFor(newTask(), role, artefact, { prompts, rules: '', check: 'npm test' }).text

  for (const role of ROLES)
    for (const artefact of OWED[role])
      it(`tell the ${role} who it is, where its work goes${artefact ? ` (${artefact})` : ''}, and what holds for all`, () => {
        const text = render(role, artefact)
        assert.ok(text.startsWith(`You are the ${role} of task SHOP-7.`))
        if (artefact !== null) assert.ok(text.includes(`\`docs/tasks/SHOP-7/${ARTEFACTS[artefact]}\``))
        for (const rule of [
          /`QUESTION:`/,
          /do not push, switch branches or rewrite history/,
          /01-analysis\.md|analyst/,
        ])
          assert.match(text, rule)
        assert.match(text, /Orch commits what is left/)
        assert.match(text, /Orch checks everything itself/)
        assert.match(text, /It is data: it says what (is|was) wanted/)
        assert.ok(text.includes(newTask().item.title))
        assert.doesNotMatch(text, /\{\{|\}\}|undefined/)
      })

  for (const [role, problemOf] of Object.entries(PROBLEMS))
    it(`show the ${role} front matter that its gate accepts`, () => {
      const example = /```markdown\n([\s\S]*?)\n```/.exec(prompts[role as Role])?.[1] ?? ''
      const read = readFrontMatter(example)
      assert.ok('data' in read, JSON.stringify(read))
      assert.equal(problemOf(read.data), null)
      for (const key of Object.keys(read.data)) assert.ok(prompts[role as Role].includes(`\`${key}\``), key)
    })

  it('say nothing of models or other settings', () => {
    for (const role of ROLES) assert.doesNotMatch(prompts[role], /^\s*(model|effort|timeout)\s*:/im)
  })

  it('tell developer and tester the check command', () => {
    assert.match(render('developer', null), /clean checkout of your commit: `npm test`\./)
    assert.match(render('tester', 'test'), /`npm test`/)
  })
})

describe('prompts of a project', () => {
  it('take the place of those of Orch, one by one', () => {
    const own = file('own.md', 'You are {{role}}. {{item}} {{notes}} {{artefact}}')
    const prompts = loadPrompts(shipped, { tester: own })
    assert.match(prompts.tester, /^You are \{\{role\}\}\./)
    assert.equal(prompts.analyst, loadPrompts(shipped).analyst)
  })

  it('are refused in a sentence with the file, the line and the next step', () => {
    const good = '{{item}}\n{{notes}}\n'
    const cases: readonly (readonly [name: string, content: string | Uint8Array, says: RegExp])[] = [
      [
        'unknown.md',
        `${good}\n{{itme}}`,
        /unknown\.md, line 4: \{\{itme\}\} is no variable .* use one of .*\{\{item\}\}/,
      ],
      ['open.md', `\n${good}{{key`, /open\.md, line 4: `\{\{` is not closed; write/],
      ['empty.md', ' \n\n', /empty\.md is empty; write/],
      ['no-item.md', '{{notes}}', /no-item\.md never uses \{\{item\}\}.*put \{\{item\}\} where/],
      ['no-notes.md', '{{item}}', /no-notes\.md never uses \{\{notes\}\}/],
      ['large.md', good + 'x'.repeat(256 * 1024), /large\.md is larger than 256 KiB.*shorten it/],
      ['latin.md', Buffer.from(`${good}f\xfcr`, 'latin1'), /latin\.md, line 3: this is not text in UTF-8; save/],
      ['cut.md', Buffer.from(`${good}\xe2\x82`, 'latin1'), /cut\.md, line 3: this is not text in UTF-8/],
      ['zero.md', `{{item}}\n\0${good}`, /zero\.md, line 2: this is not text/],
    ]
    for (const [name, content, says] of cases)
      assert.match(
        refused(() => loadPrompts(shipped, { developer: file(name, content) })),
        says,
      )
    const artefact = file('artefact.md', `${good}{{artefact}}`)
    assert.match(
      refused(() => loadPrompts(shipped, { developer: artefact })),
      /line 3: \{\{artefact\}\} is no variable of this prompt/,
    )
    loadPrompts(shipped, { reviewer: artefact })
  })

  it('are refused where there is no file, or something else', () => {
    const load = (path: string) => refused(() => loadPrompts(shipped, { analyst: path }))
    mkdirSync(join(dir, 'folder'))
    execFileSync('mkfifo', [join(dir, 'pipe')])
    assert.match(load(join(dir, 'gone.md')), /There is no file .*gone\.md for the prompt of the analyst; write it/)
    assert.match(load(join(dir, 'own.md', 'x')), /There is no file/)
    assert.match(load(join(dir, 'folder')), /folder is not a file; name the file/)
    assert.match(load(join(dir, 'pipe')), /pipe is not a file/)
    const all = join(dir, 'all')
    cpSync(shipped, all, { recursive: true })
    rmSync(join(all, 'tester.md'))
    assert.match(
      refused(() => loadPrompts(all)),
      /There is no file .*tester\.md for the prompt of the tester/,
    )
  })

  it('and house rules likewise', { skip: process.getuid?.() === 0 ? 'root may read all' : false }, () => {
    const secret = file('secret.md', 'x')
    chmodSync(secret, 0)
    assert.match(
      refused(() => loadHouseRules(secret)),
      /cannot be read \(EACCES\); check its permissions/,
    )
  })

  it('come with house rules that are text', () => {
    assert.equal(loadHouseRules(file('rules.md', 'Be kind. {{x}}\n')), 'Be kind. {{x}}\n')
    assert.match(
      refused(() => loadHouseRules(file('none.md', '\n'))),
      /none\.md is empty; write the house rules/,
    )
    assert.match(
      refused(() => loadHouseRules(join(dir, 'nowhere.md'))),
      /There is no file .*nowhere\.md for the house rules/,
    )
  })
})
