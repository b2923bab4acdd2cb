// The API's description as a test reads it: its operations, its examples, and validators made from its schemas.

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** Names the document among schemas; nothing is fetched from there. */
const BASE = 'https://description.invalid/openapi.json';
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** Numbers' formats that ajv does not know; their ranges stand beside them. */
const NUMBERS = ['uint', 'uint8', 'uint16', 'uint32', 'uint64'];

/** The description of a server. */
export class Description {
  constructor(document) {
    this.document = document;
    this.plain = validators(document);
    this.strict = validators({ ...document, components: { ...document.components, schemas: closed(document.components.schemas) } });
  }

  /** The description that a server has. */
  static async of(server) {
    const response = await fetch(`${server.url}/openapi.json`);
    if (response.status !== 200) throw new Error(`/openapi.json: ${response.status} ${await response.text()}`);
    return new Description(await response.json());
  }

  /** All operations: `{id, method, path, operation, pointer}`. */
  get operations() {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({
        id: item[method].operationId,
        method: method.toUpperCase(),
        path,
        operation: item[method],
        pointer: `#/paths/${escaped(path)}/${method}`,
      })),
    );
  }

  /** What is wrong with a body by the schema of an answer; also a field that no schema names is wrong. */
  answerErrors({ operation, pointer }, status, type, body) {
    if (!operation.responses[status]) return `status ${status} is not described`;
    if (!operation.responses[status].content?.[type]) return `content type ${type} of status ${status} is not described`;
    return this.strict(`${pointer}/responses/${status}/content/${escaped(type)}/schema`, body);
  }

  /** What is wrong with the body of a request. */
  bodyErrors({ pointer }, type, body) {
    return this.plain(`${pointer}/requestBody/content/${escaped(type)}/schema`, body);
  }

  /** What is wrong with the example of a parameter. */
  parameterErrors({ pointer }, index, value) {
    return this.plain(`${pointer}/parameters/${index}/schema`, value);
  }
}

/** A request's path with its parameters, its headers, and what is left for the query. */
export function address({ path, operation }, parameters) {
  const query = new URLSearchParams();
  const headers = {};
  let filled = path;
  for (const [name, value] of Object.entries(parameters)) {
    const place = operation.parameters?.find((p) => p.name === name)?.in;
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(value));
    else if (place === 'header') headers[name] = value;
    else if (place === 'query') query.set(name, value);
    else throw new Error(`an example of ${path} has ${name}, which is no parameter`);
  }
  return { path: query.size === 0 ? filled : `${filled}?${query}`, headers };
}

function validators(document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  for (const format of NUMBERS) ajv.addFormat(format, true);
  ajv.addSchema({ $id: BASE, ...document });
  return (pointer, value) => {
    const validate = ajv.getSchema(BASE + pointer);
    if (!validate) throw new Error(`the description has no ${pointer}`);
    return validate(value) ? null : ajv.errorsText(validate.errors, { separator: '\n' });
  };
}

/** The same schemas, in which an object has the named fields only. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return schema.type === 'object' && schema.properties && schema.additionalProperties === undefined
    ? { ...copy, additionalProperties: false }
    : copy;
}

/** A name as a part of a JSON pointer in a URI. */
function escaped(name) {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}
