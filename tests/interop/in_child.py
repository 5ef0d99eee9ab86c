"""Do something that may crash or never end."""
import os
import resource
import signal


def in_child(do, seconds):
    """How a child ended that did it: 0, 1 if it raised, or a signal as a negative number. So many seconds are of its own time; that of a
    machine which does other things is its own affair."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        signal.alarm(30 * seconds)
        for stream in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        try:
            do()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
