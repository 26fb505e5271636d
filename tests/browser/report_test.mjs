// Opens pages of reports in headless Chromium, over file://, and uses them as a reader does.
// Usage: node report_test.mjs CHROMIUM SCREENSHOTS PAGE.html..     (scripts/browser_test.sh)
// Prints one line per test; exits 1 if one fails, or if $VIEWER_EXPECTED is set and no page has a viewer.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [executablePath, screenshots, ...pages] = process.argv.slice(2)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PATIENCE = 90000  // ms: WebGL by software on a busy machine
mkdirSync(screenshots, { recursive: true })

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
})
let passed = 0
let failed = 0
let skipped = 0

class Skip extends Error {}
function require(condition, what) {
  if (!condition) throw new Error(what)
}

/** A page that is open, with what it complained of and asked for. */
async function opened(path, { webgl = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 850 }, acceptDownloads: true, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const url = pathToFileURL(path).href
  const troubles = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`console ${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    dialog.dismiss()
  })
  page.on('request', (request) => {
    const asked = request.url().split('#')[0]
    if (asked !== url && !/^(data|blob):/.test(asked)) troubles.push(`request: ${asked.slice(0, 200)}`)
  })
  if (!webgl)
    await page.addInitScript(() => {
      const original = HTMLCanvasElement.prototype.getContext
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return /webgl/.test(kind) ? null : original.call(this, kind, ...rest)
      }
    })
  await page.goto(url)
  return { page, troubles, close: () => context.close() }
}

/** Tests that share one opened page, in this order. */
async function tests(path, options, named) {
  const { page, troubles, close } = await opened(path, options)
  for (const [name, body] of named) {
    const started = Date.now()
    const tell = (verdict, why) => console.log(`${verdict} ${join(basename(dirname(path)), basename(path))}: ${name} ` +
      `(${((Date.now() - started) / 1000).toFixed(1)} s)${why}`)
    try {
      await body(page)
      require(troubles.length === 0, troubles.splice(0).slice(0, 5).join('\n    '))
      ++passed
      tell('passed', '')
    } catch (error) {
      if (error instanceof Skip) {
        ++skipped
        tell('skipped', `: ${error.message}`)
      } else {
        ++failed
        tell('FAILED', `\n    ${error.message}`)
        await page.screenshot({ path: join(screenshots, `failed-${failed}.png`) }).catch(() => {})
      }
    }
  }
  await close()
}

// ---- pictures

const reader = await (await browser.newContext()).newPage()

/** What a PNG shows: number of distinct colours; and the share of pixels that differ from another one. */
function compared(png, other) {
  return reader.evaluate(async ([a, b]) => {
    const pixels = async (text) => {
      const image = new Image()
      image.src = `data:image/png;base64,${text}`
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
      const context = canvas.getContext('2d')
      context.drawImage(image, 0, 0)
      return new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)
    }
    const first = await pixels(a)
    const second = b ? await pixels(b) : first
    let differ = 0
    for (let i = 0; i < first.length; ++i) differ += first[i] !== second[i]
    return { colours: new Set(first).size, share: differ / first.length }
  }, [png.toString('base64'), other && other.toString('base64')])
}

// ---- the viewer

const status = (page) => page.locator('.brain-viewer [role=status]')
const picture = (page) => page.locator('.brain-viewer canvas')

async function needsViewer(page) {
  if ((await page.locator('.brain-viewer').count()) === 0) throw new Skip('no viewer on this page')
}

/** The viewer when it has drawn and said where it is. One slice draws faster than all views. */
async function startedViewer(page, view = 'Axial') {
  await needsViewer(page)
  await picture(page).scrollIntoViewIfNeeded()
  await page.waitForFunction(() => document.querySelector('.brain-viewer [role=status]').textContent !== '')
  if (view) await page.getByLabel('View', { exact: true }).selectOption({ label: view })
  await settled(page)
}

/** Waits until the picture stays as it is. */
async function settled(page) {
  let before = await picture(page).screenshot()
  for (let tries = 0; tries < 40; ++tries) {
    await page.waitForTimeout(250)
    const now = await picture(page).screenshot()
    if (now.equals(before)) return now
    before = now
  }
  throw new Error('the picture does not settle')
}

async function said(page, before) {
  await page.waitForFunction((old) => document.querySelector('.brain-viewer [role=status]').textContent !== old, before)
  return status(page).textContent()
}

const placeOf = (text) => text.replaceAll('\u2212', '-').match(/x (-?[\d.]+), y (-?[\d.]+), z (-?[\d.]+) mm/).slice(1).map(Number)

async function shows(page) {
  await startedViewer(page, null)
  const png = await settled(page)
  const { colours } = await compared(png)
  require(colours > 50, `the viewer's picture has ${colours} colours`)
  await page.screenshot({ path: join(screenshots, 'viewer.png') })
}

async function peakMoves(page) {
  await startedViewer(page)
  const peaks = page.locator('[data-mm]')
  if ((await peaks.count()) === 0) throw new Skip('no peaks on this page')
  const wanted = (await peaks.last().getAttribute('data-mm')).split(',').map(Number)
  const before = await status(page).textContent()
  const png = await settled(page)
  await peaks.last().click()
  const place = placeOf(await said(page, before))
  require(place.every((at, i) => Math.abs(at - wanted[i]) < 0.06), `the crosshair is at ${place}, not at ${wanted}`)
  const { share } = await compared(png, await settled(page))
  require(share > 0.001, 'the picture did not change')
  // The viewer finds at that place the value that the table has.
  const value = Number((await status(page).textContent()).replaceAll('\u2212', '-').match(/= (-?[\d.]+)/)[1])
  const cells = await peaks.last().evaluate((one) => [...(one.closest('tr')?.cells ?? [])].map((cell) =>
    Number(cell.dataset.tsv ?? cell.textContent)))
  require(cells.some((cell) => Math.abs(cell - value) < 0.011), `the viewer's value ${value} is none of the table's ${cells}`)
  const inputs = await page.locator('.brain-viewer-place input').evaluateAll((all) => all.map((one) => Number(one.value)))
  require(inputs.every((at, i) => Math.abs(at - wanted[i]) < 0.06), `the fields say ${inputs}, not ${wanted}`)
  const stage = await picture(page).boundingBox()
  require(stage.y < 850 && stage.y + stage.height > 0, 'the viewer is not in sight')
}

async function sliderChanges(page) {
  await startedViewer(page)
  const slider = page.getByLabel(/^Threshold/)
  const words = await slider.getAttribute('aria-valuetext')
  const before = await settled(page)
  await slider.focus()
  await page.keyboard.press('Home')
  const low = await settled(page)
  require((await compared(before, low)).share > 0.001, 'threshold 0 shows what the tested one shows')
  require((await slider.getAttribute('aria-valuetext')) !== words, 'the slider says its first threshold')
  await page.keyboard.press('End')
  await page.getByLabel(/fade what/).uncheck()
  const high = await settled(page)
  require((await compared(low, high)).share > 0.01, 'the highest threshold shows what 0 shows')
  await page.getByRole('button', { name: /^as tested/ }).click()
  require((await slider.getAttribute('aria-valuetext')) === words, 'no way back to the tested threshold')
  await page.getByLabel(/fade what/).check()
  require((await compared(before, await settled(page))).share < 0.001, 'the first picture did not come back')
}

async function keyboardSuffices(page) {
  await needsViewer(page)
  // From the beginning of the page to the viewer, then through its controls, by Tab alone.
  const seen = new Set()
  for (let steps = 0; steps < 2000; ++steps) {
    await page.keyboard.press('Tab')
    const focus = await page.evaluate(() => {
      const one = document.activeElement
      if (!one || one === document.body) return undefined
      const marks = [one, one.parentElement].map((element) => getComputedStyle(element))
      return {
        viewer: Boolean(one.closest('.brain-viewer')), name: one.localName + (one.type ? `[${one.type}]` : ''),
        visible: marks.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) > 0)
      }
    })
    if (!focus) break
    require(focus.visible, `the focus on ${focus.name} cannot be seen`)
    if (focus.viewer) seen.add(focus.name)
    if (focus.name === 'canvas') await walk(page)
    if (!focus.viewer && seen.size > 0) break
  }
  for (const name of ['canvas', 'select[select-one]', 'input[range]', 'input[checkbox]', 'input[number]', 'button[button]'])
    require(seen.has(name), `Tab did not reach ${name}; it reached ${[...seen].join(', ')}`)
}

/** Arrow keys on the focused picture move the crosshair along each axis and back. */
async function walk(page) {
  await page.waitForFunction(() => document.querySelector('.brain-viewer [role=status]').textContent !== '')
  await page.waitForTimeout(500)
  let text = await status(page).textContent()
  for (const [axis, there, back] of [[0, 'ArrowRight', 'ArrowLeft'], [1, 'PageUp', 'PageDown'], [2, 'ArrowUp', 'ArrowDown']]) {
    const start = placeOf(text)
    await page.keyboard.press(there)
    const moved = placeOf((text = await said(page, text)))
    require(moved[axis] > start[axis], `${there} moved from ${start} to ${moved}`)
    require(moved.every((at, i) => i === axis || Math.abs(at - start[i]) < 0.06), `${there} moved from ${start} to ${moved}`)
    await page.keyboard.press(back)
    const again = placeOf((text = await said(page, text)))
    require(again.every((at, i) => Math.abs(at - start[i]) < 0.06), `${back} led to ${again}, not to ${start}`)
  }
}

async function controlsWork(page) {
  await startedViewer(page)
  for (const name of ['regions', 'clusters']) {
    const box = page.getByLabel(name, { exact: true })
    if ((await box.count()) === 0) continue
    await box.check()
    await settled(page)
    // They may not be in this slice; the legend names them wherever they are.
    require((await page.locator('.brain-viewer-labels li').count()) > 0, `no legend for ${name}`)
  }
  const contrast = page.getByLabel('Contrast', { exact: true })
  const options = await contrast.locator('option').count()
  if (options > 1) {
    const before = await settled(page)
    const text = await status(page).textContent()
    const other = await contrast.evaluate((one) => (one.selectedIndex === 0 ? 1 : 0))
    await contrast.selectOption({ index: other })
    await said(page, text)
    require((await compared(before, await settled(page))).share > 0.001, 'another contrast looks the same')
  }
  await page.locator('.brain-viewer-place input').first().fill('12')
  const text = await status(page).textContent()
  await page.keyboard.press('Enter')
  require(Math.abs(placeOf(await said(page, text))[0] - 12) < 0.06, 'the field x does not move the crosshair')
}

// ---- the page

async function isAccessible(page) {
  const viewer = (await page.locator('.brain-viewer').count()) > 0
  if (viewer) await startedViewer(page)
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)))
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
  require(grave.length === 0, grave.map(({ id, help, nodes }) =>
    `${id}: ${help} (${nodes.length} times), such as ${nodes[0].html.slice(0, 200)}`).join('\n    '))
}

const stills = (page) => page.locator('svg, img').evaluateAll((all) => all.filter((one) => {
  const { width, height } = one.getBoundingClientRect()
  return width > 20 && height > 20 && getComputedStyle(one).visibility === 'visible'
}).length)

async function standsWithoutScript(page) {
  const n = await stills(page)
  require(n > 0, 'no still picture')
  if ((await page.locator('.brain-viewer').count()) > 0)
    require(/still pictures/.test(await page.locator('.brain-viewer').innerText()), 'nothing says where the pictures are')
  await page.screenshot({ path: join(screenshots, 'without-script.png'), fullPage: true })
}

async function saysWithoutWebGl(page) {
  await needsViewer(page)
  require(/no WebGL 2/.test(await page.locator('.brain-viewer').innerText()), 'nothing says what is missing')
  require((await stills(page)) > 0, 'no still picture')
  if ((await page.locator('[data-mm]').count()) > 0) await page.locator('[data-mm]').last().click()
}

const A4 = { width: 718, height: 1047 }  // px within margins of 1 cm

/** What is wrong with the printed page: parts that are hidden, or wider than the paper. */
function faultsOfPrint(width) {
  const faults = []
  const named = (one) => `${one.localName}${one.id ? `#${one.id}` : ''}.${one.getAttribute('class') ?? ''}`
  const isShown = (one) => one.getClientRects().length > 0 && one.getBoundingClientRect().height > 1
  for (const section of document.querySelectorAll('main > section'))
    if (isShown(section) === (section.id === 'viewer'))
      faults.push(`section ${section.id} is ${section.id === 'viewer' ? 'printed' : 'not printed'}`)
  for (const one of document.querySelectorAll('.tools, .brain-viewer, nav, button.peak'))
    if (isShown(one)) faults.push(`${named(one)} is printed`)
  for (const one of document.querySelectorAll('main > section:not(#viewer) :is(figure svg, table, tr, p, li)'))
    if (!one.hidden && !one.closest('defs') && one.getClientRects().length === 0)
      faults.push(`${named(one)} is not printed`)
  for (const one of document.querySelectorAll('body *')) {
    if (one.closest('svg') !== null && one.localName !== 'svg') continue
    const { left, right } = one.getBoundingClientRect()
    if (isShown(one) && (right > width + 1 || left < -1))
      faults.push(`${named(one)} reaches from ${left} to ${right} px`)
  }
  for (const one of document.querySelectorAll('.scroll, .picture, pre'))
    if (isShown(one) && getComputedStyle(one).overflowY !== 'visible') faults.push(`${named(one)} cuts what it holds`)
  return faults
}

async function prints(page) {
  const screen = page.viewportSize()
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize(A4)
  const folded = await page.locator('details:not([open])').count()
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')))
  const faults = await page.evaluate(faultsOfPrint, A4.width)
  const n = await stills(page)
  await page.screenshot({ path: join(screenshots, 'print.png'), fullPage: true })
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')))
  require((await page.locator('details:not([open])').count()) === folded, 'printing leaves other parts unfolded')
  const margin = { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' }
  const pdf = await page.pdf({ path: join(screenshots, 'print.pdf'), format: 'A4', margin })
  await page.emulateMedia({ media: 'screen' })
  await page.setViewportSize(screen)
  require(n > 0, 'no still picture in print')
  require(faults.length === 0, `${faults.length} faults: ${faults.slice(0, 8).join('; ')}`)
  require(pdf.subarray(0, 5).toString() === '%PDF-' && pdf.length > 5000, `a PDF of ${pdf.length} bytes`)
}

const columnOf = (table, column) => table.locator('tbody tr:visible').evaluateAll((rows, at) =>
  rows.map((row) => row.cells[at].dataset.tsv ?? row.cells[at].textContent), column)

async function tablesWork(page) {
  const tables = page.locator('.table table')
  const n = await tables.count()
  if (n === 0) throw new Skip('no tables on this page')
  let sorted = 0, filtered = 0, downloaded = 0
  for (let i = 0; i < n; ++i) {
    const table = tables.nth(i)
    // Tables in folded parts of the page.
    await table.evaluate((one) => {
      for (let at = one; at; at = at.parentElement) if (at.localName === 'details') at.open = true
    })
    const rows = await table.locator('tbody tr').count()
    if (rows > 1) sorted += await sorts(table)
    if (rows > 5) filtered += await filters(page, i, rows)
    downloaded += await downloads(page, i, rows)
  }
  require(sorted > 0 && downloaded > 0, `of ${n} tables ${sorted} sort, ${filtered} filter, ${downloaded} download`)
}

async function sorts(table) {
  const number = table.locator('thead th.number').first()
  const head = (await number.count()) > 0 ? number : table.locator('thead th').first()
  const column = await head.evaluate((one) => one.cellIndex)
  await head.locator('button').click()
  require((await head.getAttribute('aria-sort')) === 'ascending', 'the heading does not say the order')
  const missing = (text) => text === '' || text === 'n/a'
  const known = (await columnOf(table, column)).filter((text) => !missing(text))
  if ((await number.count()) > 0)
    require(known.every((text, i) => i === 0 || Number(known[i - 1]) <= Number(text)), `not in order: ${known.slice(0, 8)}`)
  await head.locator('button').click()
  require((await head.getAttribute('aria-sort')) === 'descending', 'the second click does not turn the order')
  const turned = (await columnOf(table, column)).filter((text) => !missing(text))
  if ((await number.count()) > 0)
    require(turned.every((text, i) => i === 0 || Number(turned[i - 1]) >= Number(text)), `not in order: ${turned.slice(0, 8)}`)
  return 1
}

async function filters(page, i, rows) {
  const part = page.locator('.table').nth(i)
  const box = part.locator('input[type=search]')
  require((await box.count()) === 1, `a table of ${rows} rows has no filter`)
  const word = (await part.locator('tbody tr').last().locator('td, th').first().innerText()).trim()
  await box.fill(word)
  const shown = await part.locator('tbody tr:visible').allInnerTexts()
  require(shown.length > 0 && shown.every((text) => text.toLowerCase().includes(word.toLowerCase())),
    `the filter '${word}' leaves ${shown.length} rows`)
  await box.fill('')
  require((await part.locator('tbody tr:visible').count()) === rows, 'rows stay hidden without a filter')
  return 1
}

async function downloads(page, i, rows) {
  const button = page.locator('.table').nth(i).getByRole('button', { name: /^Download as TSV/ })
  if ((await button.count()) === 0) return 0
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
  require(/\.tsv$/.test(download.suggestedFilename()), `the download is named ${download.suggestedFilename()}`)
  const lines = readFileSync(await download.path(), 'utf8').replace(/\r?\n$/, '').split('\n')
  require(lines.length === rows + 1, `${lines.length} lines for ${rows} rows and a heading`)
  const widths = new Set(lines.map((line) => line.split('\t').length))
  require(widths.size === 1, `lines of ${[...widths]} columns`)
  return 1
}

let viewers = 0
for (const given of pages) {
  const path = resolve(given)
  await tests(path, { colorScheme: 'light' }, [
    ['opens without complaint and asks for nothing', async (page) => {
      viewers += await page.locator('.brain-viewer').count()
    }],
    ['the keyboard suffices', keyboardSuffices],
    ['the viewer shows a picture', shows],
    ['a peak moves the crosshair', peakMoves],
    ['the slider changes the picture', sliderChanges],
    ['the other controls work', controlsWork],
    ['tables sort, filter and download', tablesWork],
    ['axe finds nothing serious in light', isAccessible]
  ])
  await tests(path, { colorScheme: 'dark' }, [
    ['prints', prints],
    ['axe finds nothing serious in dark', isAccessible]
  ])
  await tests(path, { javaScriptEnabled: false }, [['stands without script', standsWithoutScript]])
  await tests(path, { webgl: false }, [['says what is missing without WebGL 2', saysWithoutWebGl]])
}
await browser.close()
const missing = viewers === 0 && Boolean(process.env.VIEWER_EXPECTED)
if (viewers === 0) console.log('none of the pages has a viewer')
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed > 0 || missing ? 1 : 0)
