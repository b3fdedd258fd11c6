/* Korean for a script that holds its words itself, sphinx-copybutton, which has seven languages
 * without Korean. Runs after it, before it builds buttons. */
"use strict";
if (typeof messages === "object" && typeof locale === "string" && !messages.ko) {
  const english = messages[locale];
  messages.ko = {
    copy: "복사",
    copy_to_clipboard: "클립보드에 복사",
    copy_success: "복사했습니다",
    copy_failure: "복사하지 못했습니다",
  };
  for (const key of Object.keys(messages.ko)) {
    iconCopy = iconCopy.replaceAll(`<title>${english[key]}<`, `<title>${messages.ko[key]}<`);
    iconCheck = iconCheck.replaceAll(`<title>${english[key]}<`, `<title>${messages.ko[key]}<`);
  }
  locale = "ko";
}
/* Sphinx's Korean catalog leaves the number of results empty. Only its own search counts them, and
 * its translations are made by "new Function", which a strict Content-Security-Policy forbids. */
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Documentation !== "object" || typeof Search !== "object") return;
  Documentation.addTranslations({
    locale: "ko",
    plural_expr: "0",
    messages: {
      "Search finished, found one page matching the search query.": [
        "검색을 마쳤습니다. ${resultCount}개 페이지를 찾았습니다.",
      ],
    },
  });
});
