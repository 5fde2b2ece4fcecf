"""The catalogue of data faults: what can be wrong with a record, how serious it is, and what to do about it."""

from crmetl.faults.catalogue import CATALOGUE, fault
from crmetl.faults.kind import Fault, Severity

__all__ = ["CATALOGUE", "Fault", "Severity", "fault"]
