/** Topics as flows see them. */

export const topicPrefix = 'jirani/v1/';

/** Wildcards as in MQTT 3.1.1 section 4.7, level by level: a filter never becomes a regular expression. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return true;
    const level = levels[index];
    if (level === undefined || (want !== '+' && want !== level)) return false;
  }
  return wanted.length === levels.length;
}

/** The households that a keeper wrote into a field: names with commas between; empty means all. */
export const householdsIn = (field: string | undefined): readonly string[] =>
  (field ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
