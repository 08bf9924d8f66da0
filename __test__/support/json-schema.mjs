// As much of JSON Schema as fixtures/errors/schema.json uses; a word that is not read here is a fault of the schema.

const KIND = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};
const SILENT = new Set(['$schema', '$defs', 'title', 'description', 'then', 'else']);

const RULES = {
  $ref: (value, ref, at, root) => check(root.$defs[ref.split('/').pop()], value, at, root),
  type: (value, kind, at) => ([kind].flat().some((name) => KIND[name](value)) ? [] : [`${at}: no ${kind}`]),
  enum: (value, values, at) => (values.includes(value) ? [] : [`${at}: ${JSON.stringify(value)} is not one of them`]),
  const: (value, constant, at) => (value === constant ? [] : [`${at}: not ${constant}`]),
  pattern: (value, pattern, at) => (new RegExp(pattern, 'u').test(value) ? [] : [`${at}: not like ${pattern}`]),
  minLength: (value, least, at) => (value.length >= least ? [] : [`${at}: too short`]),
  minItems: (value, least, at) => (value.length >= least ? [] : [`${at}: too few`]),
  minimum: (value, least, at) => (value >= least ? [] : [`${at}: below ${least}`]),
  maximum: (value, most, at) => (value <= most ? [] : [`${at}: above ${most}`]),
  items: (value, schema, at, root) => value.flatMap((item, index) => check(schema, item, `${at}[${index}]`, root)),
  required: (value, names, at) => names.filter((name) => !(name in value)).map((name) => `${at}: no ${name}`),
  properties: (value, schemas, at, root) =>
    Object.entries(schemas).flatMap(([name, schema]) =>
      name in value ? check(schema, value[name], `${at}.${name}`, root) : [],
    ),
  additionalProperties: (value, rule, at, root, schema) =>
    Object.keys(value)
      .filter((name) => !(name in (schema.properties ?? {})))
      .flatMap((name) =>
        rule === false ? [`${at}: unknown ${name}`] : check(rule, value[name], `${at}.${name}`, root),
      ),
  anyOf: (value, schemas, at, root) =>
    schemas.some((schema) => check(schema, value, at, root).length === 0) ? [] : [`${at}: none of the forms`],
};

function check(schema, value, at, root) {
  const wrongType = 'type' in schema ? RULES.type(value, schema.type, at) : [];
  if (wrongType.length > 0) return wrongType;
  return Object.entries(schema).flatMap(([word, rule]) => {
    if (SILENT.has(word)) return [];
    if (!(word in RULES)) return [`${at}: the schema's ${word} is not understood`];
    return RULES[word](value, rule, at, root, schema);
  });
}

/** What contradicts the schema, each with its place. */
export function faults(schema, value) {
  return check(schema, value, 'suite', schema);
}
