import importlib.metadata as metadata, json, platform, sys
packages = []
for found in metadata.distributions():
    data = found.metadata or {}
    name, version = data.get("Name"), data.get("Version")
    if name and version:
        packages.append((name, version))
libc = " ".join(platform.libc_ver()).strip()
json.dump({
    "implementation": sys.implementation.name,
    "version": platform.python_version(),
    "system": sys.platform,
    "machine": platform.machine(),
    "libc": libc or None,
    "packages": packages,
}, sys.stdout)
