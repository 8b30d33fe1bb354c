import os
from datetime import datetime


def rendering(request):
    """Context processor: when and by whom this page was made. Two copies with the same time are
    the same copy."""
    return {"rendered_at": datetime.now().isoformat(timespec="microseconds"), "worker": os.getpid()}
