// Makes one script of viewer.js and what it imports, with the licences of all packages in it at its beginning.
// Usage, in a folder with node_modules: node bundle.mjs OUTPUT
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const output = process.argv[2]
const result = await build({
  entryPoints: ['viewer.js'],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  // Pages may be read in any encoding; `</script` is escaped by esbuild.
  charset: 'ascii',
  alias: { zarrita: './no_zarr.js' },
  loader: { '.css': 'text' },
  legalComments: 'inline',
  metafile: true,
  write: false,
  logLevel: 'warning'
})
const packages = new Set()
for (const file of Object.keys(result.metafile.inputs)) {
  const found = file.match(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)
  if (found) packages.add(found[1])
}

function licenceOf(name) {
  if (name === '@niivue/niivue') return readFileSync('niivue.license', 'utf8')  // the package holds none
  const file = readdirSync(`node_modules/${name}`).find((entry) => /^licen[cs]e/i.test(entry))
  if (!file) throw new Error(`${name} holds no licence`)
  return readFileSync(`node_modules/${name}/${file}`, 'utf8')
}

let head = '/*! The viewer of this page holds these packages:\n'
for (const name of [...packages].sort()) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'))
  head += `\n== ${name} ${version}\n\n${licenceOf(name).trim()}\n`
}
head += '*/\n'
const script = head + result.outputFiles[0].text
if (/<\/script|<!--/i.test(script)) throw new Error('the script holds what would end it in a page')
if (/[^\t\n\r -~]/.test(script)) throw new Error('the script holds characters beyond ASCII')
writeFileSync(`${output}.part`, script)
renameSync(`${output}.part`, output)
console.log(`${output}: ${script.length} bytes, ${[...packages].sort().join(', ')}`)
