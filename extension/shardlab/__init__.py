"""What the Python wheel of shardlab carries: the prebuilt JupyterLab panel and papermill's TypeScript parameters.

Not the kernel: that is TypeScript, and its kernelspec is installed by ``shardlab install``.
"""

__version__ = "0.1.0"


def _jupyter_labextension_paths():
    return [{"src": "labextension", "dest": "@shardlab/extension"}]
