// The columns of a status table sort by a click on their heads. Without a script the table is
// there too, with the pages that have most left to do first.
(() => {
  const value = (row, column) => {
    const text = row.cells[column].textContent.trim();
    return /^\d+$/.test(text) ? Number(text) : text;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), document.documentElement.lang || undefined);

  function sort(table, column) {
    const heads = [...table.tHead.rows[0].cells];
    const now = heads[column].getAttribute("aria-sort");
    // Numbers are most interesting from the top, names from the start of the alphabet.
    const numeric = typeof value(table.tBodies[0].rows[0], column) === "number";
    const first = numeric ? "descending" : "ascending";
    const second = numeric ? "ascending" : "descending";
    const order = now === first ? second : first;
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[column].setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => sign * compare(value(a, column), value(b, column)));
    table.tBodies[0].append(...rows);
  }

  function prepare(table) {
    if (!table.tHead || table.tBodies[0].rows.length < 2) return;
    // The last column holds links to the catalogs: nothing to sort by.
    [...table.tHead.rows[0].cells].slice(0, 6).forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(head.textContent.trim());
      button.addEventListener("click", () => sort(table, column));
      head.replaceChildren(button);
    });
    table.tHead.rows[0].cells[4].setAttribute("aria-sort", "descending");
  }

  document.querySelectorAll("table.translation-status").forEach(prepare);
})();
