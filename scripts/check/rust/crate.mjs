// The modules of the crate and which of them needs which.
//
// A path is followed to the file that defines what it names: through `use`, re-exports and globs. So a facade
// (`mod.rs` with `pub use child::Thing`) is no party to what its users need of the child.
//
// - `mod child;` and `pub use child::Thing` in a parent are not needs: a parent lists its children.
// - A parent that uses a child's things in its own code needs the child.
// - A child that uses `super::Thing` needs the parent only if the parent's file itself defines `Thing`.
// - An import of a whole module is not a need; the paths that begin with it are.
//
// A parent and its child are therefore a circle if the parent's own code uses the child and the child uses what the
// parent's own file defines. The way out is the same as for siblings: what both need lies in a third file.
import { posix } from 'node:path';

import { readSource } from './source.mjs';

const OWN_FOLDER = new Set(['lib.rs', 'main.rs', 'mod.rs']);
const isBelow = (id, ancestor) => ancestor === '' || id.startsWith(`${ancestor}::`);

/** Names and definitions of a crate; `files` is a map from path to text, `root` the path of its first file. */
export class Crate {
  /** From `a::b` (the root is the empty text) to the module. */
  modules = new Map();

  constructor(files, root = 'src/lib.rs') {
    this.files = files;
    this.#addFile('', root);
  }

  #addFile(id, file) {
    const folder = OWN_FOLDER.has(posix.basename(file)) ? posix.dirname(file) : file.replace(/\.rs$/, '');
    this.#add(id, readSource(this.files.get(file)), { file, folder, node: id });
  }

  #add(id, source, place) {
    this.modules.set(id, { id, ...source, ...place });
    for (const [name, { path, content }] of source.children) {
      const child = id === '' ? name : `${id}::${name}`;
      const folder = posix.join(place.folder, name);
      if (content) {
        // Written in the same file, so one with it for every purpose but names.
        this.#add(child, content, { file: place.file, folder, node: place.node });
        continue;
      }
      const declared = path && [posix.join(posix.dirname(place.file), path)];
      const candidates = declared ?? [`${folder}.rs`, `${folder}/mod.rs`];
      const file = candidates.find((candidate) => this.files.has(candidate));
      if (file) this.#addFile(child, file);
    }
  }

  #parent(id) {
    return this.modules.get(id.includes('::') ? id.slice(0, id.lastIndexOf('::')) : '');
  }

  #child(module, name) {
    return this.modules.get(module.id === '' ? name : `${module.id}::${name}`);
  }

  /**
   * What `name` means in `module`: `{ module, isItem, through }`, where `through` are the modules whose imports were
   * followed; `undefined` for what is not of this crate.
   */
  #lookUp(module, name, seen) {
    const key = `${module.id} ${name}`;
    if (seen.has(key)) return undefined;
    seen.add(key);
    const child = module.children.has(name) ? this.#child(module, name) : undefined;
    if (child) return { module: child, isItem: false, through: [] };
    if (module.defined.has(name)) return { module, isItem: true, through: [] };
    for (const entry of module.imports.filter((entry) => entry.name === name)) {
      const found = this.#resolve(module, entry.path, seen);
      if (found) return { ...found, through: [module.id, ...found.through] };
    }
    return this.#inGlobs(module, name, seen);
  }

  #inGlobs(module, name, seen) {
    for (const entry of module.imports.filter((entry) => entry.name === '*')) {
      const from = this.#resolve(module, entry.path, new Set(seen));
      const found = from && !from.isItem ? this.#lookUp(from.module, name, seen) : undefined;
      if (found) return { ...found, through: [module.id, ...from.through, ...found.through] };
    }
    return undefined;
  }

  #first(module, name, seen) {
    if (name === 'crate' || name === '$crate') return { module: this.modules.get(''), isItem: false, through: [] };
    if (name === 'self') return { module, isItem: false, through: [] };
    if (name === 'super') return { module: this.#parent(module.id), isItem: false, through: [] };
    return this.#lookUp(module, name, seen);
  }

  #resolve(module, segments, seen = new Set()) {
    let found = this.#first(module, segments[0], seen);
    for (const name of segments.slice(1)) {
      if (!found || found.isItem) return found;
      const next = name === 'super' ? this.#first(found.module, name, seen) : this.#lookUp(found.module, name, seen);
      // A macro may define what no token of the file names.
      if (!next) return { ...found, isItem: true };
      found = { ...next, through: [...found.through, ...next.through] };
    }
    return found;
  }

  /** `{ from, to, through, file, line, counts }` for each path; `counts` if it is a need, and not just a name. */
  *#references(module) {
    const reference = (found, line, counts) => ({ ...found, line, counts: counts && found.isItem });
    for (const { path, name, line, visible } of module.imports) {
      const found = name !== '*' && this.#resolve(module, path);
      if (found) yield reference(found, line, !(visible && isBelow(found.module.id, module.id)));
    }
    for (const { segments, line } of module.paths) {
      const found = this.#resolve(module, segments);
      if (found) yield reference(found, line, true);
    }
    if (!module.imports.some((entry) => entry.name === '*')) return;
    for (const { name, line } of module.names) {
      const found = this.#inGlobs(module, name, new Set());
      if (found) yield reference(found, line, true);
    }
  }

  /** Every mention of another file's module: `{ from, to, named, isNeed, file, line }`. */
  references() {
    const mentions = [];
    for (const module of this.modules.values()) {
      for (const { module: target, through, line, counts } of this.#references(module)) {
        const named = [...new Set([...through.filter((id) => id !== module.id), target.id])];
        mentions.push({ from: module.node, to: target.node, named, isNeed: counts, file: module.file, line });
      }
    }
    return mentions;
  }
}
