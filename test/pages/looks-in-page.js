/** Runs inside the page: what a person would see there. Read by looks.ts and handed over as text. */

globalThis.looks = {
  sideways: () => document.documentElement.scrollWidth - innerWidth,

  unfold() {
    for (const part of document.querySelectorAll('details')) {
      part.removeAttribute('name');
      part.open = true;
    }
  },

  smallTargets() {
    const all = document.querySelectorAll('button, a, summary, select, input, label.check');
    return [...all].flatMap((target) => {
      // A checkbox and a radio are as large as the label around them.
      const whole = target.closest('label') ?? target;
      const { width, height } = whole.getBoundingClientRect();
      if (width === 0 || (width >= 44 && height >= 44)) return [];
      return [`${target.outerHTML.slice(0, 80)}: ${Math.round(width)} x ${Math.round(height)}`];
    });
  },

  /** Every line of text that is shown, with the box around it. */
  lines() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (node) =>
      node.textContent.trim() === '' || node.parentElement.closest('.hidden, template, option')
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
    );
    const lines = [];
    while (walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      const around = walker.currentNode.parentElement;
      const card = around.closest('button, .card, .figure, summary, label');
      const edge = card?.getBoundingClientRect().toJSON();
      const text = walker.currentNode.textContent.trim();
      for (const box of range.getClientRects())
        if (box.width > 0) lines.push({ text, box: box.toJSON(), edge });
    }
    return lines;
  },

  /** All that can be read, seen or heard. */
  readable() {
    const all = [...document.body.querySelectorAll('*')];
    const shown = all.filter((one) => one.children.length === 0 && one.offsetParent !== null);
    const attributes = ['aria-label', 'aria-valuetext', 'alt', 'title', 'placeholder'];
    const spoken = all.flatMap((one) => attributes.map((name) => one.getAttribute(name) ?? ''));
    return [...shown.map((one) => one.textContent), ...spoken].join('\n');
  },

  async axe() {
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run({ runOnly: { type: 'tag', values } });
    return violations.map(
      ({ id, nodes: [first] }) => `${id}: ${first.html} ${first.failureSummary}`,
    );
  },
};
