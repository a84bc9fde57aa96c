"""The kernel compiler: a kernel's own source as machine code, bit for bit what CPython computes."""

from __future__ import annotations

from runtime.native.compile import Compiled, compile_kernels
from runtime.native.errors import BadArguments, KernelFailed, KernelRefused, NativeMissing, Site
from runtime.native.source import Function, read
from runtime.native.specialise import specialise

__all__ = [
    "BadArguments",
    "Compiled",
    "Function",
    "KernelFailed",
    "KernelRefused",
    "NativeMissing",
    "Site",
    "compile_kernels",
    "read",
    "specialise",
]
