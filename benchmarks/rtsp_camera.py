"""A camera on RTSP that shows what it is given: `rtsp_camera.py PORT`, by the system's Python.

On standard input come coded pictures, each u32 length and an access unit of H.264, and each goes
out at once to whoever looks at /gate. Nothing is coded here: a real camera costs its gate nothing.
"""

import struct
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - after the versions are required

_LAUNCH = (
    "( appsrc name=pictures is-live=true do-timestamp=true format=time "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au ! "
    "h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)
_LENGTH = struct.Struct(">I")

Gst.init(None)
looked_at: list[Gst.Element] = []  # the source that feeds whoever looks, the newest last


def configured(_factory: object, media: GstRtspServer.RTSPMedia) -> None:
    looked_at[:] = [media.get_element().get_by_name("pictures")]


def shown() -> None:
    given = sys.stdin.buffer
    while head := given.read(_LENGTH.size):
        picture = given.read(*_LENGTH.unpack(head))
        for source in looked_at:
            source.emit("push-buffer", Gst.Buffer.new_wrapped(picture))
    loop.quit()


loop = GLib.MainLoop()
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(_LAUNCH)
factory.set_shared(True)
factory.connect("media-configure", configured)
server.get_mount_points().add_factory("/gate", factory)
server.attach(None)
threading.Thread(target=shown, daemon=True).start()
sys.stdout.write("ready\n")
sys.stdout.flush()
loop.run()
