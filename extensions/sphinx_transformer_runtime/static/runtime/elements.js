// Making elements, and telling the reader's words from the page's.

/** An element with attributes (a function is a listener, null leaves one out) and children. */
function element(tag, attributes = {}, ...children) {
  const made = tag === "svg" || tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.replace("svg:", ""))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A token as it is shown: a space at its end would not be seen. */
function shown(token) {
  return token.replaceAll(" ", "␣");
}

/** A log-probability with a real minus sign. */
function number(value) {
  return value.toFixed(4).replace("-", "−");
}

/** "Step {step} of {steps}" with its places filled in. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
