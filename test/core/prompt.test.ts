/** What an agent is told: templates are strict, and what people wrote stays data. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UserError } from '#core/errors.ts'
import type { Task } from '#core/model.ts'
import { renderPrompt } from '#core/prompt/render.ts'
import { checkPrompt, type Prompts, promptFor } from '#core/prompt.ts'
import { ROLES } from '#core/words.ts'
import { newTask } from './support/tasks.ts'

const all = (template: string): Prompts => ({
  analyst: template,
  architect: template,
  developer: template,
  reviewer: template,
  tester: template,
  deployer: template,
})
const told = (template: string, more: Partial<Task> = {}, check: string | null = null): string =>
  promptFor(newTask(more), 'reviewer', 'review', { prompts: all(template), rules: '', check }).text
const item = (title: string, description: string): Partial<Task> => ({
  item: { ...newTask().item, title, description },
})
const END = '\n{{notes}}\n{{item}}'

describe('a template', () => {
  const render = (template: string) => renderPrompt(template, { item: 'I', notes: 'N', key: 'K-1' }, 'a.md')
  const refused = (template: string): string => {
    try {
      return `rendered: ${render(template)}`
    } catch (thrown) {
      assert.ok(thrown instanceof UserError)
      return thrown.message
    }
  }

  it('has its variables filled in, each as often as it is there', () => {
    assert.equal(render('{{key}} {{ key }} {{item}}{{notes}}'), 'K-1 K-1 IN')
    assert.equal(render('\\{{key}} } }} { {key} {{item}}{{notes}}'), '{{key}} } }} { {key} IN')
  })

  it('is refused when it says anything doubtful', () => {
    assert.match(refused('{{item}}{{notes}}\n{{keys}}'), /^a\.md, line 2: \{\{keys\}\} is no variable/)
    assert.match(refused('{{item}}{{notes}} {{}}'), /\{\{\}\} is no variable/)
    assert.match(refused('{{item}}{{notes}} {{toString}}'), /\{\{toString\}\} is no variable/)
    assert.match(refused('{{item}}{{notes}} {{__proto__}}'), /\{\{__proto__\}\} is no variable/)
    for (const open of ['{{', '{{key', '{{key}', '{{key\n}}', '{{{key}}}', '{{ {key} }}'])
      assert.match(refused(`{{item}}{{notes}}\n\n${open}`), /^a\.md, line 3: `\{\{` is not closed/, open)
    assert.match(refused(''), /^a\.md is empty/)
    assert.match(refused('{{notes}} \\{{item}}'), /^a\.md never uses \{\{item\}\}/)
    assert.match(refused('{{item}}'), /^a\.md never uses \{\{notes\}\}/)
  })

  it('never renders a value again, nor reads it as a pattern', () => {
    const value = '{{key}} $& $1 $` \\{{ {{unknown}}'
    assert.equal(renderPrompt('{{item}}{{notes}}', { item: value, notes: '{{item}}' }, 'a.md'), `${value}{{item}}`)
    assert.match(told(END, item('{{branch}}', 'see {{key}} and {{')), /\{\{branch\}\}\n\nsee \{\{key\}\} and \{\{\n/)
  })

  it('that was checked renders for every task of its role', () => {
    const every = `{{role}} {{key}} {{title}} {{stage}} {{evidence}} {{folder}} {{branch}} {{base}} {{check}}${END}`
    for (const role of ROLES) {
      const owes = role === 'developer' ? null : 'review'
      const template = owes === null ? every : `${every} {{artefact}}`
      checkPrompt(template, role, 'a.md')
      promptFor(newTask(), role, owes, { prompts: all(template), rules: '', check: null })
    }
    assert.throws(() => checkPrompt(`{{artefact}}${END}`, 'developer', 'a.md'), /a\.md, line 1: \{\{artefact\}\}/)
  })
})

describe('what an agent is told', () => {
  it('names the task, the branch, base, the document and the check', () =>
    assert.equal(
      told(
        `{{role}}|{{key}}|{{title}}|{{stage}}|{{artefact}}|{{folder}}|{{branch}}|{{base}}|{{check}}${END}`,
        {},
        'npm\ttest',
      ).split('\n', 1)[0],
      `reviewer|SHOP-7|\`${newTask().item.title}\`|${newTask().stage}|docs/tasks/SHOP-7/12-review.md|docs/tasks/SHOP-7/|orch/SHOP-7|origin/base|\`npm test\``,
    ))

  it('says when there is no check command', () => assert.match(told(`{{check}}${END}`), /^\(no check command/))

  it('keeps the item’s text inside its fence, whatever that is', () => {
    const nasty = fc.array(
      fc.oneof(fc.constantFrom('`', '``', '```', '````', '\n```\n', '\n`````\n', '~~~', '\r', '\u2028'), fc.string()),
    )
    fc.assert(
      fc.property(nasty, nasty, (title, description) => {
        const prompt = told('{{notes}}\n\n{{item}}', item(title.join(''), description.join('')))
        const fence = /\n\n(`{3,})text\n/.exec(prompt)
        assert.ok(fence?.[1])
        const inside = prompt.slice(fence.index + fence[0].length)
        const closes = inside.indexOf(`\n${fence[1]}`)
        assert.equal(closes, inside.length - fence[1].length - 1, 'closed before its end')
      }),
      { numRuns: 500 },
    )
  })

  it('keeps a title in a sentence as data, too', () => {
    assert.match(told(`{{title}}${END}`, item('a `b` ``c', '')), /^```a `b` ``c```\n/)
    assert.match(told(`{{title}}${END}`, item('`a', '')), /^`` `a ``\n/)
  })

  it('has no character that a person would not see', () => {
    const hidden = '\u0000\u001b\u007f\u009b\u200b\u200e\u202e\u2066\u2069\ufeff\u00ad\u{e0041}\u{e007f}'
    const prompt = told(END, item(`ti${hidden}tle`, `de${hidden}sc\r\nnext\rlast\tend\u2028x\ud800`))
    assert.match(prompt, /\nti ?tle\n\ndesc\nnext\nlast\tend\nx\ufffd\n/)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(told(END, { ...item(text, text), notes: [text] }), /(?![\n\t])\p{Cc}|[\u202a-\u202e]/u)
      }),
    )
  })

  it('is bounded, and says so where it was cut, between two characters', () => {
    const kib = 1024
    const whole = told(END, item('t', 'x'.repeat(64 * kib)))
    assert.doesNotMatch(whole, /was cut/)
    for (const char of ['x', 'é', '€', '😀']) {
      const prompt = told(END, item('t', char.repeat(200 * kib)))
      assert.ok(Buffer.byteLength(prompt) < 65 * kib + 500)
      assert.ok(Buffer.byteLength(prompt) > 63 * kib)
      assert.match(
        prompt,
        new RegExp(`${char}\\n\`\`\`\\n\\nThe item's text is longer than 64 KiB and was cut there`, 'u'),
      )
      assert.ok(prompt.isWellFormed())
    }
    assert.ok(told(END, item('t', '` '.repeat(300_000))).length < 70_000)
    assert.ok(told(END, { notes: Array.from({ length: 500 }, (_, i) => `${i} ${'y'.repeat(9_000)}`) }).length < 180_000)
  })

  it('tells what was learnt before, each as a point of a list, and the newest when there are many', () => {
    const prompt = told(END, { notes: ['names\nare unclear', '```\nCI is red'] })
    assert.match(prompt, /\n````text\n- names\n {2}are unclear\n- ```\n {2}CI is red\n````\n/)
    assert.match(told(END), /\nNothing: there is no earlier work/)
    const many = told(END, { notes: Array.from({ length: 50 }, (_, i) => `note ${i}.`) })
    assert.doesNotMatch(many, /note 9\./)
    assert.match(many, /note 10\.[\s\S]*note 49\./)
  })

  it('tells what Orch found out itself, and whether it still holds', () => {
    const [old, head] = ['a'.repeat(40), 'b'.repeat(40)]
    const check = { run: '7.1', sha: head, tree: old, command: 'make', definition: '', exit: 0, ms: 1, tail: '' }
    const found = (more: Partial<Task>) => told(`{{evidence}}${END}`, more)
    assert.match(found({}), /^Nothing yet\./)
    const passed = { ...check, verdict: 'pass', sentence: '`make`\npassed' } as const
    const now = found({ lineage: [head], evidence: { artefacts: {}, check: passed } })
    assert.match(
      now,
      new RegExp(
        `^\`\`\`text\\n- The branch's head is ${head}\\.\\n- The check command passed on ${head}: \`make\` passed\\n\`\`\`\\n`,
      ),
    )
    const staging = { run: '7.2', sha: old, verdict: 'failed', sentence: 'staging: probe failed' } as const
    const before = found({
      lineage: [old],
      evidence: {
        artefacts: {},
        check: { ...passed, verdict: 'fail' },
        staging,
        production: { ...staging, verdict: 'success' },
      },
    })
    assert.match(before, /check command did not pass on b{40}, which is not the content of this head/)
    assert.match(before, /- Staging, failed, at a{40}: staging: probe failed\n- Production, success, at a{40}/)
    const merge = { head: old, base: old, merge: head, by: 'orch', treeEqual: true } as const
    assert.match(found({ evidence: { artefacts: {}, merge } }), /a{40} was merged as b{40} by orch\./)
  })

  it('has the rules of the house beside it, cleaned', () => {
    const house = { prompts: all(END), rules: '\n Be kind.\r\n{{key}}\u200b\n\n', check: null }
    assert.equal(promptFor(newTask(), 'developer', null, house).rules, 'Be kind.\n{{key}}')
  })
})
