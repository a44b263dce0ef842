/** A file of settings, NAME=value a line: some are changed, and all that a keeper wrote besides stays. */

/** Undefined for a value that no quotes can hold. */
export function settingLine(name: string, value: string): string | undefined {
  if (/^[\w@%+=:,./ -]*$/.test(value) && value.trim() === value && !value.includes(' '))
    return `${name}=${value}`;
  const quote = ["'", '"', '`'].find((one) => !value.includes(one));
  // Within double quotes a backslash and n would become a new line.
  if (quote === undefined || /[\n\r]/.test(value)) return undefined;
  if (quote === '"' && value.includes('\\')) return undefined;
  return `${name}=${quote}${value}${quote}`;
}

/** The text with these settings in the place of older ones, or at its end. Throws on a value that cannot be written. */
export function withSettings(text: string, values: Readonly<Record<string, string>>): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  for (const [name, value] of Object.entries(values)) {
    const line = settingLine(name, value);
    if (line === undefined)
      throw new RangeError(`${name} has quotes of every kind: choose another value`);
    const at = lines.findLastIndex((each) => nameIn(each) === name);
    if (at === -1) lines.push(line);
    else lines[at] = line;
  }
  return `${lines.join('\n')}\n`;
}

const nameIn = (line: string): string | undefined => /^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1];
