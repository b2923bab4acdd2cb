// Reads a CloudFormation template and works its functions out, as far as infra/site.yaml has them.

import { readFileSync } from 'node:fs';
import yaml from 'js-yaml';

const TAGS = ['Ref', 'Condition', 'Sub', 'GetAtt', 'If', 'Not', 'And', 'Equals'];
const named = (tag) => (tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`);
const types = TAGS.flatMap((tag) =>
  ['scalar', 'sequence', 'mapping'].map((kind) => new yaml.Type(`!${tag}`, { kind, construct: (data) => ({ [named(tag)]: data }) })),
);
const SCHEMA = yaml.DEFAULT_SCHEMA.extend(types);
const NOTHING = Symbol('AWS::NoValue');

/** The template with these parameters, checked by its own rules. */
export function template(file, given) {
  const whole = yaml.load(readFileSync(file, 'utf8'), { schema: SCHEMA });
  const unknown = Object.keys(given).filter((name) => !whole.Parameters[name]);
  if (unknown.length > 0) throw new Error(`the template has no parameter ${unknown.join(', ')}`);
  const parameters = Object.fromEntries(Object.entries(whole.Parameters).map(([name, one]) => [name, value(name, one, given[name])]));
  const pseudo = { 'AWS::StackName': 'site', 'AWS::AccountId': '123456789012', 'AWS::Partition': 'aws', 'AWS::NoValue': NOTHING };

  const ref = (name) => {
    if (name in parameters) return parameters[name];
    if (name in pseudo) return pseudo[name];
    if (name in whole.Resources) return name;
    throw new Error(`nothing is called ${name}`);
  };
  const att = (text) => `${ref(text.split('.')[0])}.${text.split('.').slice(1).join('.')}`;
  const holds = (name) => done(whole.Conditions[name]);
  const sub = (text, own = {}) =>
    text.replaceAll(/\$\{([^}]+)\}/g, (_, name) => (name in own ? own[name] : name.includes('.') ? att(name) : ref(name)));

  function done(node) {
    if (Array.isArray(node)) return node.map(done).filter((one) => one !== NOTHING);
    if (node === null || typeof node !== 'object') return node;
    const [[key, data], ...more] = Object.entries(node).length > 0 ? Object.entries(node) : [['', null]];
    if (more.length === 0) {
      if (key === 'Ref') return ref(data);
      if (key === 'Condition' && typeof data === 'string') return holds(data);
      if (key === 'Fn::GetAtt') return att(Array.isArray(data) ? data.join('.') : data);
      if (key === 'Fn::Sub') return Array.isArray(data) ? sub(data[0], done(data[1])) : sub(data);
      if (key === 'Fn::If') return done(holds(data[0]) ? data[1] : data[2]);
      if (key === 'Fn::Not') return !done(data[0]);
      if (key === 'Fn::And') return data.every((one) => done(one));
      if (key === 'Fn::Equals') return done(data[0]) === done(data[1]);
    }
    return Object.fromEntries(Object.entries(node).map(([name, one]) => [name, done(one)]).filter(([, one]) => one !== NOTHING));
  }

  /** The properties of a resource. */
  return { whole, properties: (name) => done(whole.Resources[name].Properties) };
}

function value(name, { Type, Default, AllowedPattern, AllowedValues }, given) {
  const text = given ?? Default;
  if (text === undefined) throw new Error(`the parameter ${name} is needed`);
  if (AllowedPattern && !new RegExp(AllowedPattern).test(text)) throw new Error(`${name}: ${text} does not match ${AllowedPattern}`);
  if (AllowedValues && !AllowedValues.includes(text)) throw new Error(`${name}: ${text} is none of ${AllowedValues.join(', ')}`);
  return Type === 'Number' ? Number(text) : text;
}
