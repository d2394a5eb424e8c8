"""A real RTSP server of GStreamer's, run by the system's Python: `rtsp_server.py PORT [--login]`.

It prints `ready` and serves until it is killed. /h264, /h265 and /mjpeg show a moving ball,
/still never changes, /black is black. With --login all of it wants one.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
gi.require_version("GstRtsp", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions are chosen before

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(sys.argv[1])

if "--login" in sys.argv:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest("admin", "p@ss word", token)
    server.set_auth(auth)


def mount(path: str, launch: str) -> None:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {launch} )")
    factory.set_shared(True)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("user", "media.factory.access", True)
    permissions.add_permission_for_role("user", "media.factory.construct", True)
    factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)


def shown(pattern: str, width: int = 320, height: int = 240) -> str:
    return (
        f"videotestsrc is-live=true pattern={pattern} ! "
        f"video/x-raw,width={width},height={height},framerate=15/1 ! "
        "videoconvert ! video/x-raw,format=I420 ! "
    )


H264 = (
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! "
    "rtph264pay name=pay0 pt=96 config-interval=1"
)
mount("/h264", shown("ball") + H264)
mount("/still", shown("smpte") + H264)
mount("/black", shown("black") + H264)
mount(
    "/h265",
    shown("ball") + "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! "
    "rtph265pay name=pay0 pt=96 config-interval=1",
)
mount("/mjpeg", shown("ball") + "jpegenc ! rtpjpegpay name=pay0 pt=26")
server.attach(None)
sys.stdout.write("ready\n")
sys.stdout.flush()
GLib.MainLoop().run()
