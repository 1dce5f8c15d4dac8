// What the journey's map is made of: where the stages lie, where a customer stands in one, the shapes of the dots, and how
// a film is unpacked. `journey.js` follows on this in the same module.

const WIDE = 560            // px a map needs for its stages to stand side by side

/** Where each stage lies: the way from stranger to advocate from left to right, whoever fell out of it below. */
function rooms({stages, way, aside}, weights, width, height) {
  const gap = 4, found = []
  const lay = (names, from, length, least) => {
    const those = names.map((name) => stages.findIndex((one) => one.name === name))
    const rest = length - gap * (those.length - 1) - least * those.length
    const whole = those.reduce((sum, k) => sum + Math.sqrt(weights[k] + 1), 0)
    let start = from
    return those.map((k) => {
      const size = least + rest * Math.sqrt(weights[k] + 1) / whole
      start += size + gap
      return [k, start - size - gap, size]
    })
  }
  if (width < WIDE) {
    for (const [k, y, size] of lay([...way, ...aside], 0, height, 34)) {
      found[k] = {x: 0, y, width, height: size, is_row: true}
    }
    return found
  }
  const top = Math.round(height * 0.68), least = Math.min(74, (width - 6 * gap) / 7)
  for (const [k, x, size] of lay(way, 0, width, least)) { found[k] = {x, y: 0, width: size, height: top} }
  for (const [k, x, size] of lay(aside, 0, width, 120)) {
    found[k] = {x, y: top + gap, width: size, height: height - top - gap}
  }
  return found
}

/** A customer keeps the same relative place in every stage and both worlds: points spread evenly (Roberts' R2). */
function place(room, i) {
  const u = (0.5 + 0.7548776662466927 * i) % 1, v = (0.5 + 0.5698402909980532 * i) % 1
  const left = room.is_row ? 90 : 7, top = room.is_row ? 6 : 44
  return {x: room.x + left + u * (room.width - left - 7), y: room.y + top + v * (room.height - top - 7)}
}

/** Bytes from zlib in base64, sent as steps from the frame before. */
async function unpack(packed, columns) {
  const bytes = Uint8Array.from(atob(packed), (one) => one.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))
  const found = new Uint8Array(await new Response(stream).arrayBuffer())
  if (columns > 1) { for (let k = 0; k < found.length; k++) { if (k % columns) { found[k] += found[k - 1] } } }
  return found
}

const SIGNS = ["●", "■", "▲", "◆", "✚"]

function shape_sign(kind) { return make("span", {class: "sign", "aria-hidden": "true"}, [SIGNS[kind % SIGNS.length]]) }

function trace(path, kind, x, y, r) {
  const corners = [null, [[-1, -1], [1, -1], [1, 1], [-1, 1]], [[0, -1.3], [1.25, 0.95], [-1.25, 0.95]],
    [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]],
    [[-0.5, -1.3], [0.5, -1.3], [0.5, -0.5], [1.3, -0.5], [1.3, 0.5], [0.5, 0.5], [0.5, 1.3], [-0.5, 1.3], [-0.5, 0.5],
      [-1.3, 0.5], [-1.3, -0.5], [-0.5, -0.5]]][kind % SIGNS.length]
  if (!corners) { path.moveTo(x + r, y); path.arc(x, y, r, 0, 7); return }
  corners.forEach(([dx, dy], k) => k ? path.lineTo(x + r * dx, y + r * dy) : path.moveTo(x + r * dx, y + r * dy))
  path.closePath()
}

function make(name, attributes = {}, children = []) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) { element.setAttribute(key, value) }
  element.append(...children)
  return element
}

function dot(colour) {
  const one = make("i", {class: "dot"})
  one.style.background = colour
  return one
}

function swatch(one) {
  const space = "http://www.w3.org/2000/svg"
  const [svg, line] = ["svg", "line"].map((name) => document.createElementNS(space, name))
  const set = (element, values) => { for (const [key, value] of Object.entries(values)) { element.setAttribute(key, value) } }
  set(svg, {width: 26, height: 8, viewBox: "0 0 26 8", "aria-hidden": true})
  set(line, {x1: 1, x2: 25, y1: 4, y2: 4, stroke: one.colour, "stroke-width": 3, "stroke-dasharray": one.dash})
  svg.append(line)
  return svg
}
