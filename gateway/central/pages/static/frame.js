// After a form was refused the place of the first mistake has the focus.
document.querySelector("[aria-invalid=true]")?.focus();
