// The interactive viewer of the report: NiiVue, with controls that mouse, keyboard and screen readers can use.
// Its data are what html_viewer() (io/report/viewer.cpp) writes into the page; nothing is fetched.
import { DRAG_MODE, MULTIPLANAR_TYPE, Niivue, NVImage, SHOW_RENDER, SLICE_TYPE } from '@niivue/niivue'
import style from './viewer.css'

// Colours of values, light with magnitude, as in the still pictures.
const WARM = [[0, '#4a0a0a'], [0.35, '#a81c1c'], [0.65, '#e8781a'], [1, '#fff3b0']]
const COLD = [[0, '#0a1446'], [0.35, '#1c4fa8'], [0.65, '#2aa5d8'], [1, '#d4f7fa']]
// Okabe and Ito's colours, which people with any kind of colour vision tell apart.
const LABELS = ['#56b4e9', '#00c48c', '#f0e442', '#e58fc2', '#3f9be0', '#ff7f2a', '#e69f00']
const CLUSTERS = '#ffffff'

const VIEWS = [
  ['Slices and 3-D', SLICE_TYPE.MULTIPLANAR],
  ['Axial', SLICE_TYPE.AXIAL],
  ['Coronal', SLICE_TYPE.CORONAL],
  ['Sagittal', SLICE_TYPE.SAGITTAL],
  ['3-D', SLICE_TYPE.RENDER]
]
// Keys that move the crosshair: axis of the world (x to the right, y to the front, z up) and direction.
const MOVES = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [2, -1], ArrowUp: [2, 1], PageDown: [1, -1], PageUp: [1, 1]
}
const HELP = 'With the picture in focus, the left and right arrows move the crosshair to the left and right, ' +
  'up and down arrows up and down, Page Up and Page Down to the front and back; with Shift by ten voxels. ' +
  'Home goes to the largest value. In the 3-D view the arrows turn the brain.'
const NO_WEBGL = 'This browser offers no WebGL 2, which the viewer needs. The still pictures show the same maps.'

let created = 0

/** An element; `attributes` may hold properties that are functions (listeners). Texts are set as text. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === 'function') made.addEventListener(key, value)
    else made.setAttribute(key, value)
  made.append(...children)
  return made
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))

/** NiiVue's form of a colour map; 0 itself, which is also what is outside the mask, has no colour. */
function colourMap(stops) {
  const all = [stops[0], ...stops]
  const colours = all.map(([, hex]) => rgb(hex))
  return {
    R: colours.map((c) => c[0]),
    G: colours.map((c) => c[1]),
    B: colours.map((c) => c[2]),
    A: all.map((_, i) => (i === 0 ? 0 : 255)),
    I: all.map(([at], i) => (i === 1 ? 1 : Math.round(at * 255)))
  }
}

/** What the labels of an image and the legend's entries are painted with: clusters are white. */
function labelColours({ role, labels }) {
  const numbers = Object.keys(labels).map(Number).sort((a, b) => a - b)
  return numbers.map((number, i) => [number, role === 'clusters' ? CLUSTERS : LABELS[i % LABELS.length]])
}

function labelMap(volume) {
  const { labels } = volume
  const colours = [[0, '#000000'], ...labelColours(volume)]
  return {
    R: colours.map(([, hex]) => rgb(hex)[0]),
    G: colours.map(([, hex]) => rgb(hex)[1]),
    B: colours.map(([, hex]) => rgb(hex)[2]),
    A: colours.map((_, i) => (i ? 255 : 0)),
    I: colours.map(([number]) => number),
    labels: colours.map(([number]) => labels[number] ?? '')
  }
}

/** The inverse of the upper three rows of an affine: voxel from world. */
function inverse(m) {
  const [[a, b, c, x], [d, e, f, y], [g, h, i, z]] = m
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
  const r = [
    [(e * i - f * h) / det, (c * h - b * i) / det, (b * f - c * e) / det],
    [(f * g - d * i) / det, (a * i - c * g) / det, (c * d - a * f) / det],
    [(d * h - e * g) / det, (b * g - a * h) / det, (a * e - b * d) / det]
  ]
  return r.map((row) => [...row, -(row[0] * x + row[1] * y + row[2] * z)])
}

/** The value of an image in the voxel that holds a place, undefined outside it. */
function valueAt(image, mm) {
  const { dims, affine, scl_slope: slope, scl_inter: intercept } = image.hdr
  const voxel = inverse(affine).map((row) => Math.round(row[0] * mm[0] + row[1] * mm[1] + row[2] * mm[2] + row[3]))
  if (voxel.some((at, axis) => at < 0 || at >= dims[axis + 1])) return undefined
  return image.img[voxel[0] + dims[1] * (voxel[1] + dims[2] * voxel[2])] * (slope || 1) + (intercept || 0)
}

/** World coordinates of the voxel with the largest value, or magnitude. */
function peakOf(image, twoSided) {
  const { dims, affine } = image.hdr
  let best = 0
  for (let v = 1; v < image.img.length; ++v) {
    const [a, b] = [image.img[v], image.img[best]]
    if (twoSided ? Math.abs(a) > Math.abs(b) : a > b) best = v
  }
  const voxel = [best % dims[1], Math.floor(best / dims[1]) % dims[2], Math.floor(best / (dims[1] * dims[2]))]
  return [0, 1, 2].map((row) => affine[row][3] + voxel.reduce((sum, at, axis) => sum + affine[row][axis] * at, 0))
}

const minus = (text) => text.replace('-', '\u2212')
const shown = (value, digits = 2) => minus(value.toFixed(digits))
const places = (mm) => mm.map((at) => minus(String(Math.round(at * 10) / 10 || 0)))

/** The bytes of a volume's NIfTI image, which viewer_volume_bytes() (io/report/viewer.hpp) packed. */
async function unpacked(data) {
  const packed = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer())
  const header = new DataView(bytes.buffer)
  const [bits, offset] = [header.getInt16(72, true), header.getFloat32(108, true)]
  if (bits === 8) return bytes.buffer
  const voxels = (bytes.length - offset) / 2
  const nifti = bytes.slice()
  const values = new DataView(nifti.buffer, offset)
  for (let v = 0; v < voxels; ++v) {
    const folded = bytes[offset + v] | (bytes[offset + voxels + v] << 8)
    values.setInt16(2 * v, (folded >>> 1) ^ -(folded & 1), true)
  }
  return nifti.buffer
}

/** NiiVue's image of a NIfTI file in memory. */
function imageOf(name, nifti, { colormap, colormapNegative = '', opacity = 1, cal_min = NaN, cal_max = NaN }) {
  return NVImage.new(nifti, `${name}.nii`, colormap, opacity, null, cal_min, cal_max, true, 0.02, false, false,
    colormapNegative, 0, undefined, NaN, NaN, false)
}

class BrainViewer {
  constructor(root) {
    this.root = root
    this.number = ++created
    const { volumes } = JSON.parse(root.querySelector('script[type="application/json"]').textContent)
    this.volumes = volumes
    this.statistics = volumes.filter(({ role }) => role === 'statistic')
    this.background = volumes.find(({ role }) => role === 'background')
    this.images = new Map()
    this.mm = [0, 0, 0]
    this.ready = undefined
    this.build()
  }

  id(name) {
    return `brain-viewer-${this.number}-${name}`
  }

  // ---- the page's elements

  build() {
    this.note = this.root.querySelector('.brain-viewer-note')
    this.live = element('p', { class: 'brain-viewer-hidden', role: 'status', 'aria-live': 'polite' })
    this.canvas = element('canvas', {
      tabindex: '0', role: 'application', 'aria-roledescription': 'brain viewer',
      'aria-label': 'Slices of the brain with the map', 'aria-describedby': this.id('help')
    })
    this.stage = element('div', { class: 'brain-viewer-stage' }, this.canvas)
    // NiiVue has keys of its own on the canvas; none of them gets there.
    for (const type of ['keydown', 'keyup'])
      this.stage.addEventListener(type, (event) => this.key(event, type), { capture: true })
    this.panel = element('div', { class: 'brain-viewer-panel' },
      this.mapControls(), this.placeControls(), this.overlayControls())
    const help = element('p', { class: 'brain-viewer-help', id: this.id('help') }, HELP)
    this.parts = element('div', { class: 'brain-viewer-parts' }, element('div', {}, this.stage, help), this.panel)
    this.root.append(this.parts, this.live)
    this.note.hidden = true
    this.adopt(this.statistics[0])
  }

  labelled(name, text, control) {
    control.id = this.id(name)
    return element('div', {}, element('label', { for: control.id }, text), control)
  }

  box(name, text, checked, change) {
    const input = element('input', { type: 'checkbox', change })
    input.checked = checked
    this[name] = input
    return element('label', {}, input, ` ${text}`)
  }

  mapControls() {
    this.choice = element('select', { change: () => this.show(this.choice.value) })
    for (const { id, name } of this.statistics) this.choice.append(element('option', { value: id }, name))
    this.view = element('select', { change: () => this.setView() })
    VIEWS.forEach(([name], i) => this.view.append(element('option', { value: String(i) }, name)))
    this.slider = element('input', { type: 'range', min: '0', input: () => this.setThreshold(Number(this.slider.value)) })
    this.thresholdLabel = element('label', { for: this.id('threshold') })
    this.slider.id = this.id('threshold')
    this.asTested = element('button', { type: 'button', click: () => this.setThreshold(this.statistic.threshold) })
    this.opacity = element('input', {
      type: 'range', min: '0', max: '1', step: '0.05', value: '1', input: () => this.draw()
    })
    this.bar = element('div', { class: 'brain-viewer-bar', 'aria-hidden': 'true' })
    this.ends = element('div', { class: 'brain-viewer-ends' })
    return element('fieldset', {}, element('legend', {}, 'Map'),
      this.labelled('map', 'Contrast', this.choice),
      element('div', {}, this.thresholdLabel, this.slider, this.asTested),
      this.bar, this.ends,
      this.box('faded', 'fade what is below, do not hide it', true, () => this.draw()),
      this.box('voxels', 'show voxels, do not interpolate', false, () => this.start().then(() =>
        this.nv.setInterpolation(this.voxels.checked))),
      this.labelled('opacity', 'Opacity', this.opacity),
      this.labelled('view', 'View', this.view))
  }

  placeControls() {
    this.inputs = ['x', 'y', 'z'].map((axis) => element('input', {
      type: 'number', step: 'any', value: '0', id: this.id(axis), change: () => this.typed()
    }))
    this.values = element('dl', { class: 'brain-viewer-values' })
    return element('fieldset', {}, element('legend', {}, 'Crosshair (mm)'),
      element('div', { class: 'brain-viewer-place' }, ...this.inputs.map((input, i) =>
        element('div', {}, element('label', { for: input.id }, ['x', 'y', 'z'][i]), input))),
      this.values)
  }

  overlayControls() {
    const regions = this.volumes.some(({ role }) => role === 'regions')
    const clusters = this.volumes.some(({ role }) => role === 'clusters')
    const boxes = []
    const change = () => this.show(this.choice.value)
    if (regions) boxes.push(this.box('regions', 'regions', false, change))
    if (clusters) boxes.push(this.box('clusters', 'clusters', false, change))
    if (boxes.length === 0) return element('div')
    this.legend = element('ul', { class: 'brain-viewer-labels' })
    return element('fieldset', {}, element('legend', {}, 'Overlays'), ...boxes, this.legend)
  }

  // ---- NiiVue

  /** Starts NiiVue once; later calls wait for the same start. */
  start() {
    this.ready ??= this.begin().catch((error) => {
      this.giveUp(error && error.message ? `The viewer could not start: ${error.message}` : NO_WEBGL)
      throw error
    })
    return this.ready
  }

  giveUp(why) {
    this.note.textContent = why
    this.note.hidden = false
    this.parts.hidden = true
  }

  /** Waits until the canvas has a size: it has none in print and in folded parts of the page. */
  hasSize() {
    return new Promise((done) => {
      const watch = new ResizeObserver(() => {
        if (this.canvas.offsetWidth === 0) return
        watch.disconnect()
        done()
      })
      watch.observe(this.stage)
    })
  }

  async begin() {
    await this.hasSize()
    this.nv = new Niivue({
      logLevel: 'error', dragAndDropEnabled: false, dragMode: DRAG_MODE.none, scrollRequiresFocus: true,
      isForceMouseClickToVoxelCenters: true, multiplanarShowRender: SHOW_RENDER.ALWAYS,
      multiplanarLayout: MULTIPLANAR_TYPE.GRID, multiplanarPadPixels: 8, showAllOrientationMarkers: true,
      show3Dcrosshair: true, crosshairWidthUnit: 'mm', crosshairWidth: 0.7, crosshairGap: 5,
      crosshairColor: [0.2, 0.85, 0.5, 1],
      backColor: [0, 0, 0, 1], fontColor: [1, 1, 1, 1]
    })
    this.nv.addColormap('report-warm', colourMap(WARM))
    this.nv.addColormap('report-cold', colourMap(COLD))
    // It may lose its size later.
    const resize = this.nv.resizeListener.bind(this.nv)
    this.nv.resizeListener = () => this.canvas.offsetWidth > 0 && resize()
    await this.nv.attachToCanvas(this.canvas, true)
    this.nv.setAtlasOutline(1)
    this.nv.onLocationChange = ({ mm }) => this.located([mm[0], mm[1], mm[2]])
    this.canvas.addEventListener('webglcontextlost', () => this.giveUp('The browser took the viewer\u2019s WebGL away; ' +
      'load the page again.'))
    await this.fill(this.statistics[0].id)
    this.started = true
    this.goToPeak()
  }

  async image(volume) {
    if (!this.images.has(volume.id)) this.images.set(volume.id, await this.decoded(volume))
    return this.images.get(volume.id)
  }

  async decoded(volume) {
    const nifti = await unpacked(volume.data)
    if (volume.role === 'background')
      return imageOf(volume.id, nifti, { colormap: 'gray', cal_min: volume.minimum, cal_max: volume.maximum })
    if (volume.role === 'statistic')
      return imageOf(volume.id, nifti, {
        colormap: 'report-warm', colormapNegative: volume.sides === 2 ? 'report-cold' : '',
        cal_min: volume.threshold, cal_max: volume.maximum
      })
    const image = await imageOf(volume.id, nifti, { colormap: 'gray', opacity: 0.25 })
    image.setColormapLabel(labelMap(volume))
    image.hdr.intent_code = 1002  // NIFTI_INTENT_LABEL: NiiVue draws the outlines of such images
    return image
  }

  /** Makes a contrast the one that controls speak of. */
  adopt(statistic) {
    if (statistic === this.statistic) return
    this.statistic = statistic
    const { id, maximum, threshold } = statistic
    const step = 10 ** Math.floor(Math.log10(maximum / 50))
    this.choice.value = id
    this.slider.step = String(step)
    this.slider.max = String(Math.ceil(maximum / step) * step)
    this.asTested.textContent = `as tested (${shown(threshold)})`
    this.asTested.hidden = !statistic.tested
    this.threshold = threshold
    this.writeControls()
  }

  /** Puts a contrast and its overlays into the picture, unless another one is asked for meanwhile. */
  async fill(id) {
    const turn = (this.turn = (this.turn ?? 0) + 1)
    const statistic = this.statistics.find((volume) => volume.id === id) ?? this.statistics[0]
    const overlays = this.overlays(statistic)
    const images = []
    for (const volume of [this.background, statistic, ...overlays]) images.push(await this.image(volume))
    if (turn !== this.turn) return
    // As addVolume and removeVolume would do one by one, each with a picture of its own.
    Object.assign(this.nv, { volumes: images, back: images[0], overlays: images.slice(1) })
    this.adopt(statistic)
    this.drawNow()
    this.writeLegend(overlays)
    this.located(this.mm)
  }

  async show(id) {
    await this.start()
    await this.fill(id)
  }

  /** Clusters are those of the contrast that is shown. */
  overlays(statistic) {
    return this.volumes.filter(({ role, of }) => (role === 'regions' && this.regions.checked) ||
      (role === 'clusters' && this.clusters.checked && of === statistic.id))
  }

  async setThreshold(threshold) {
    this.threshold = threshold
    this.writeControls()
    await this.draw()
  }

  /** Draws with the controls' threshold and opacity, once for all changes within a frame. */
  async draw() {
    await this.start()
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.drawNow()
    })
  }

  drawNow() {
    const image = this.images.get(this.statistic.id)
    image.cal_min = this.threshold
    image.cal_max = Math.max(this.statistic.maximum, this.threshold * 1.01)
    image.colormapType = this.faded.checked ? 1 : 2
    image.opacity = Number(this.opacity.value)
    this.nv.updateGLVolume()
  }

  writeControls() {
    const { sides, unit } = this.statistic
    const words = `${sides === 2 ? `|${unit}|` : unit} \u2265 ${shown(this.threshold)}`
    this.thresholdLabel.textContent = `Threshold: ${words}`
    this.slider.value = String(this.threshold)
    this.slider.setAttribute('aria-valuetext', words)
    this.writeBar()
  }

  writeBar() {
    const { sides, maximum, unit } = this.statistic
    const gradient = (stops, from, to) => stops.map(([at, hex]) => `${hex} ${from + (to - from) * at}%`)
    const parts = sides === 2
      ? [...gradient(COLD, 50, 0).reverse(), ...gradient(WARM, 50, 100)]
      : gradient(WARM, 0, 100)
    this.bar.style.background = `linear-gradient(to right, ${parts.join(', ')})`
    const share = Math.min(1, this.threshold / maximum)
    const marks = sides === 2 ? [50 - 50 * share, 50 + 50 * share] : [100 * share]
    this.bar.replaceChildren(...marks.map((at) => {
      const mark = element('i')
      mark.style.left = `${at}%`
      return mark
    }))
    const ends = sides === 2 ? [shown(-maximum), '0', `${unit} = ${shown(maximum)}`] : ['0', `${unit} = ${shown(maximum)}`]
    this.ends.replaceChildren(...ends.map((text) => element('span', {}, text)))
  }

  setView() {
    this.start().then(() => this.nv.setSliceType(VIEWS[Number(this.view.value)][1]))
  }

  writeLegend(overlays) {
    if (!this.legend) return
    this.legend.replaceChildren()
    for (const volume of overlays)
      for (const [number, colour] of labelColours(volume)) {
        const swatch = element('i')
        swatch.style.backgroundColor = colour
        this.legend.append(element('li', {}, swatch, element('span', {}, volume.labels[number])))
      }
  }

  // ---- the crosshair

  /** Moves the crosshair to a place in mm, at the edge of the picture at most. */
  goTo(mm) {
    const inside = Array.from(this.nv.mm2frac(mm, 0, true)).map((at) => Math.min(1, Math.max(0, at)))
    this.nv.scene.crosshairPos = inside
    this.nv.createOnLocationChange()
    this.nv.drawScene()
  }

  goToPeak() {
    this.goTo(peakOf(this.images.get(this.statistic.id), this.statistic.sides === 2))
  }

  /** What is at the crosshair, for eyes and screen readers. */
  located(mm) {
    this.mm = mm
    const at = places(mm)
    this.inputs.forEach((input, i) => {
      if (document.activeElement !== input) input.value = String(Math.round(mm[i] * 10) / 10 || 0)
    })
    const value = valueAt(this.images.get(this.statistic.id), mm)
    const found = [[this.statistic.name, value === undefined ? 'outside' : `${this.statistic.unit} = ${shown(value)}`]]
    for (const volume of this.overlays(this.statistic)) {
      if (!this.images.has(volume.id)) continue
      const label = valueAt(this.images.get(volume.id), mm)
      if (label) found.push([volume.name, volume.labels[label] ?? String(label)])
    }
    this.values.replaceChildren(...found.flatMap(([name, text]) => [element('dt', {}, name), element('dd', {}, text)]))
    clearTimeout(this.announcing)
    this.announcing = setTimeout(() => {
      this.live.textContent = `x ${at[0]}, y ${at[1]}, z ${at[2]} mm: ` + found.map(([, text]) => text).join('; ')
    }, 300)
  }

  typed() {
    const mm = this.inputs.map((input) => Number(input.value))
    if (mm.every(Number.isFinite)) this.start().then(() => this.goTo(mm))
  }

  /** The nearest voxel edge in mm: what one key press moves. */
  stepMm() {
    return Math.min(...this.images.get(this.statistic.id).hdr.pixDims.slice(1, 4))
  }

  key(event, type) {
    event.stopPropagation()
    if (type !== 'keydown' || !this.started || event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'Home') {
      event.preventDefault()
      this.goToPeak()
      return
    }
    const move = MOVES[event.key]
    if (!move) return
    event.preventDefault()
    const [axis, direction] = move
    if (this.nv.opts.sliceType === SLICE_TYPE.RENDER && axis !== 1) {
      const turn = direction * (event.shiftKey ? 30 : 5)
      this.nv.setRenderAzimuthElevation(this.nv.scene.renderAzimuth + (axis === 0 ? turn : 0),
        this.nv.scene.renderElevation + (axis === 2 ? turn : 0))
      return
    }
    const mm = [...this.mm]
    mm[axis] += direction * this.stepMm() * (event.shiftKey ? 10 : 1)
    this.goTo(mm)
  }

  /** A peak of a table: its contrast, its place, and the picture in sight. */
  async visit(mm, id) {
    for (let at = this.root; at; at = at.parentElement) if (at.localName === 'details') at.open = true
    await this.start()
    if (id && id !== this.statistic.id && this.statistics.some((volume) => volume.id === id)) await this.fill(id)
    this.goTo(mm)
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.stage.scrollIntoView({ block: 'nearest', behavior: still ? 'auto' : 'smooth' })
  }
}

function begin() {
  const roots = [...document.querySelectorAll('.brain-viewer')]
  if (roots.length === 0) return
  if (!document.createElement('canvas').getContext('webgl2')) {
    for (const root of roots) root.querySelector('.brain-viewer-note').textContent = NO_WEBGL
    return
  }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(style)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  const viewers = roots.map((root) => new BrainViewer(root))
  // Shaders take a while: they wait until somebody looks.
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) {
        watch.unobserve(target)
        viewers.find(({ root }) => root === target).start().catch(() => {})
      }
  }, { rootMargin: '300px' })
  for (const { root } of viewers) watch.observe(root)
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-mm]') : null
    if (!target) return
    const mm = target.dataset.mm.split(',').map(Number)
    if (mm.length !== 3 || !mm.every(Number.isFinite)) return
    const id = target.dataset.volume
    const viewer = viewers.find(({ volumes }) => volumes.some((volume) => volume.id === id)) ?? viewers[0]
    viewer.visit(mm, id).catch(() => {})
  })
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin)
else begin()
