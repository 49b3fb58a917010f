/* The shell's own behaviour: small, without a network, the same from file://. */
"use strict";
// sphinx-copybutton brings no Korean; its table of messages is open to later scripts.
if (typeof messages !== "undefined") {
  messages.ko = {
    copy: "복사", copy_to_clipboard: "코드 복사하기",
    copy_success: "복사했습니다", copy_failure: "복사하지 못했습니다",
  };
  locale = "ko";
}

// Paper has no buttons: answers and folded code stand open on it, and close again afterwards.
const opened = [];
addEventListener("beforeprint", () => {
  document.querySelectorAll("details:not([open])").forEach((box) => { box.open = true; opened.push(box); });
});
addEventListener("afterprint", () => { opened.splice(0).forEach((box) => { box.open = false; }); });
