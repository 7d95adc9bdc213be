import os

import pytest
import XenAPI


@pytest.fixture
def session(xen_host):
    """A session with the test's host. Played back, any credentials will do."""
    session = XenAPI.Session(xen_host.url)
    session.login_with_password(
        os.environ.get("XEN_USER", "root"), os.environ.get("XEN_PASSWORD", ""), "1.0", "guests"
    )
    yield session
    session.xenapi.session.logout()
    session("close")()
