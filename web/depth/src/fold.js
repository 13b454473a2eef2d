// A link may lead to what is folded; not every browser unfolds that by itself.
export function unfold() {
  onhashchange = () => {
    const there = document.getElementById(location.hash.slice(1));
    const folded = there?.closest("details:not([open])");
    if (folded) {
      folded.open = true;
      there.scrollIntoView();
    }
  };
}
