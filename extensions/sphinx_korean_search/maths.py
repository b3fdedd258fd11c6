"""Formulas as a reader would type them: ``\\sqrt{d_k}`` is √d_k in a search result."""

from __future__ import annotations

import re

#: Commands of LaTeX, each with its sign.
TABLE = """
alpha α  beta β  gamma γ  delta δ  epsilon ε  varepsilon ε  zeta ζ  eta η  theta θ  iota ι
kappa κ  lambda λ  mu μ  nu ν  xi ξ  pi π  rho ρ  sigma σ  tau τ  upsilon υ  phi φ  varphi φ
chi χ  psi ψ  omega ω  Gamma Γ  Delta Δ  Theta Θ  Lambda Λ  Xi Ξ  Pi Π  Sigma Σ  Phi Φ  Psi
Ψ  Omega Ω  cdot ·  times ×  in ∈  le ≤  leq ≤  ge ≥  geq ≥  ne ≠  neq ≠  approx ≈  sum Σ
prod Π  infty ∞  sqrt √  to →  rightarrow →  leftarrow ←  pm ±  mid |  odot ⊙  oplus ⊕  top
ᵀ  partial ∂  nabla ∇  ldots …  dots …  cdots …  sim ~  ll ≪  gg ≫  notin ∉  subset ⊂  cup ∪
cap ∩  forall ∀  exists ∃  propto ∝  circ ∘  star ⋆  ast ∗  div ÷
"""
SYMBOLS = dict(re.findall(r"(\w+)\s(\S+)", TABLE))
NAMES = {
    "log",
    "exp",
    "max",
    "min",
    "softmax",
    "sin",
    "cos",
    "tan",
    "tanh",
    "arg",
    "det",
    "lim",
    "ln",
}


def readable(latex: str) -> str:
    """A formula in plain characters.

    >>> readable(r"\\frac{q \\cdot k}{\\sqrt{d_{\\mathrm{k}}}}")
    'q · k/√d_k'
    >>> readable(r"10^{-4}")
    '10^-4'
    """
    text = re.sub(r"\\(begin|end)\{[^}]*\}", " ", latex)
    text = re.sub(r"\\[dt]?frac\s*\{((?:[^{}]|\{[^{}]*\})*)\}\s*\{", r"\1/{", text)
    text = re.sub(r"\\(left|right|big|Big|bigl|bigr|displaystyle|limits)(?![a-zA-Z])", "", text)
    text = re.sub(r"\\([a-zA-Z]+)", symbol, text)
    text = re.sub(r"\\[,;:! ]|\\\\|&|~", " ", text.replace("^ᵀ", "ᵀ"))
    text = re.sub(r"[{}\\]", "", text)
    return re.sub(r"\s+", " ", text).strip()


def symbol(found: re.Match[str]) -> str:
    name = found[1]
    return SYMBOLS.get(name, name if name in NAMES else "")
