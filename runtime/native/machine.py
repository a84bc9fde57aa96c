"""LLVM, and nothing else of it anywhere: text in, object code out, object code loaded.

COST: importing llvmlite takes 40 ms; who may do without machine code does not import this module.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from functools import cache
from typing import Any

from runtime.native.errors import NativeMissing

try:
    import llvmlite
    import llvmlite.binding as llvm
except ImportError as missing:
    raise NativeMissing("machine code needs llvmlite: pip install 'ideacard[native]'") from missing

_OPTIMISE = 2


@cache
def _prepare() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    llvm.add_symbol("kernel_fmod", _address_of_fmod())


def target() -> Any:
    """Return a target machine, this processor with all it has; who loads code with it owns it."""
    _prepare()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=_OPTIMISE,
        jit=True,
    )


def _address_of_fmod() -> int:
    """Return C's `fmod`: exact, so the one function of the library that is the same everywhere.

    Under a name LLVM does not know it folds no call of it.
    """
    name = "msvcrt" if sys.platform == "win32" else ctypes.util.find_library("m")
    address = ctypes.cast(ctypes.CDLL(name).fmod, ctypes.c_void_p).value
    assert address is not None
    return address


@cache
def signature() -> str:
    """Return what of this machine decides the object code."""
    version = ".".join(str(part) for part in llvm.llvm_version_info)
    features = llvm.get_host_cpu_features().flatten()
    parts = (llvmlite.__version__, version, llvm.get_process_triple(), llvm.get_host_cpu_name())
    return " ".join((*parts, features, str(_OPTIMISE)))


def _optimised(text: str, machine: Any, *, inlines: bool = True) -> Any:
    """Return a module of LLVM's text after the optimiser."""
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    level = _OPTIMISE if inlines else min(_OPTIMISE, 1)
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    if not inlines:
        options.inlining_threshold = 0
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


def object_code(text: str, *, inlines: bool = True) -> bytes:
    """Return the object file of a module; without inlining a large one takes a third of the time."""
    machine = target()
    code: bytes = machine.emit_object(_optimised(text, machine, inlines=inlines))
    return code


def assembly(text: str) -> str:
    """Return what the processor is given, to read."""
    machine = target()
    shown: str = machine.emit_assembly(_optimised(text, machine))
    return shown


class Loaded:
    """Object code in memory, for as long as this lives."""

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Return the address of a function; `KeyError` if there is none."""
        found: int = self._engine.get_function_address(name)
        if not found:
            raise KeyError(name)
        return found
