"""`python -m tests.e2e.lighthouse`: how Lighthouse judges home and a title page, on a phone, against a seeded catalogue.

Performance is measured with simulated throttling, so it depends on what else the machine does: run it alone. The reports lie in
test-artifacts/lighthouse/. Ends with 1 when a page stays below what was wanted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import find_chromium
from tests.e2e.product import ROOT, Product, free_port

HERE = Path(__file__).parent
REPORTS = ROOT / "test-artifacts/lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
WANTED = 95
FIND_TITLE = "from catalog.models import Title; print(Title.objects.exclude(landscape='').filter(kind='movie').order_by('slug')[0].slug)"


def run(*command: str, cwd: Path, **environ: str) -> None:
    subprocess.run(command, cwd=cwd, env=os.environ | environ, check=True)


def judge(address: str, *, name: str, chromium: str, categories: list[str]) -> dict[str, Any]:
    """Return Lighthouse's report of one run; it is kept as HTML and JSON as well."""
    run(
        "node", "node_modules/lighthouse/cli/index.js", address, "--quiet", "--form-factor=mobile",
        f"--only-categories={','.join(categories)}", "--output=json", "--output=html", f"--output-path={REPORTS / name}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu", cwd=HERE, CHROME_PATH=chromium,
    )  # fmt: skip
    report: dict[str, Any] = json.loads((REPORTS / f"{name}.report.json").read_text())
    return report


def scores(reports: list[dict[str, Any]], categories: list[str]) -> dict[str, int]:
    """Return each category's median, 0 to 100."""
    each = {name: [report["categories"][name]["score"] or 0 for report in reports] for name in categories}
    return {name: round(100 * statistics.median(values)) for name, values in each.items()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of each page; the median counts (default 3)")
    parser.add_argument("--titles", type=int, default=120, help="of the seeded catalogue (default 120)")
    parser.add_argument("--only", nargs="+", choices=CATEGORIES, default=list(CATEGORIES), help="default: all four")
    parser.add_argument("--address", help="of a site that already runs, instead of a product of its own")
    parser.add_argument("--title", help="slug of the title whose page is judged, with --address")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright)
    if chromium is None:
        parser.error("there is no Chromium: apt install chromium")
    if not (HERE / "node_modules").is_dir():
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=HERE)
    REPORTS.mkdir(parents=True, exist_ok=True)
    if options.address:
        return judge_site(options.address, options.title, chromium=chromium, options=options)
    with tempfile.TemporaryDirectory() as data:
        product = Product(data=Path(data), port=free_port())
        for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
            product.manage(*command)
        product.manage("seed_catalog", "--titles", str(options.titles), timeout_s=600)
        slug = product.manage("shell", "-v", "0", "-c", FIND_TITLE).strip()
        product.start_web()
        try:
            product.wait_until_it_answers()
            return judge_site(product.url, slug, chromium=chromium, options=options)
        finally:
            product.stop("web")


def judge_site(address: str, slug: str, *, chromium: str, options: argparse.Namespace) -> int:
    poor = False
    for name, path in (("home", "/"), ("title", f"/title/{slug}/")):
        reports = [
            judge(address + path, name=f"{name}-{number}", chromium=chromium, categories=options.only)
            for number in range(options.runs)
        ]
        found = scores(reports, options.only)
        poor = poor or min(found.values()) < WANTED
        print(f"{name}: " + ", ".join(f"{category} {score}" for category, score in found.items()))
    return int(poor)


if __name__ == "__main__":
    sys.exit(main())
