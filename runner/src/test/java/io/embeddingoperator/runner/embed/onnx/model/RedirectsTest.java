package io.embeddingoperator.runner.embed.onnx.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectsTest {
    private static final RemoteFile FILE = new RemoteFile(
            URI.create("https://models.example.com/m"), "m", Optional.empty(), "spec.sha256", 1, Optional.empty());
    private static final Redirects NONE = new Redirects(List.of());

    @ParameterizedTest
    @CsvSource({
        "http://a.example/x, /y, http://a.example/y",
        "http://a.example/x, https://a.example/x, https://a.example/x",
        "http://a.example:8080/x, http://A.example:8080/y, http://A.example:8080/y",
        "https://a.example/x, //a.example/z, https://a.example/z",
    })
    void theSameServerMayLeadOn(URI from, String location, URI to) {
        assertThat(NONE.follow(FILE, from, Optional.of(location))).isEqualTo(to);
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example/x, http://a.example/x",
        "http://a.example/x, http://b.example/x",
        "http://a.example/x, http://a.example:6379/x",
        "http://a.example/x, http://a.example@b.example/x",
        "http://a.example/x, https://huggingface.co.b.example/x",
        "http://a.example/x, http://cdn.hf.co/x",
        "http://a.example/x, http://169.254.169.254/latest",
        "http://a.example/x, file:///etc/passwd",
        "http://a.example/x, 'http:///etc/passwd'",
        "http://a.example/x, 'not an address'",
    })
    void nothingElseIsFollowed(URI from, String location) {
        assertThatThrownBy(() -> NONE.follow(FILE, from, Optional.of(location)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("https://models.example.com/m cannot be downloaded: the server redirects ")
                .hasMessageEndingWith("MODEL_REDIRECT_HOSTS");
    }

    @Test
    void aRedirectWithoutAnAddressIsRefused() {
        assertThatThrownBy(() -> NONE.follow(FILE, FILE.url(), Optional.empty()))
                .isInstanceOf(SpecificationException.class);
    }

    @Test
    void hostsThatThePersonWhoRunsItNamesAreFollowed() {
        Redirects redirects = Redirects.of(Map.of("MODEL_REDIRECT_HOSTS", " cdn.example.org, *.Blobs.example.org ,"));

        assertThat(redirects.follow(FILE, FILE.url(), Optional.of("https://cdn.example.org/m")))
                .isEqualTo(URI.create("https://cdn.example.org/m"));
        assertThat(redirects.follow(FILE, FILE.url(), Optional.of("https://a.blobs.example.org/m")))
                .isEqualTo(URI.create("https://a.blobs.example.org/m"));
        assertThatThrownBy(() -> redirects.follow(FILE, FILE.url(), Optional.of("https://evilblobs.example.org/m")))
                .isInstanceOf(SpecificationException.class);
        assertThatThrownBy(() -> redirects.follow(FILE, FILE.url(), Optional.of("http://cdn.example.org/m")))
                .hasMessageContaining("from https to http");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
                        "100.100.100.200",
                "0.0.0.0", "::1", "fe80::1", "fd00:ec2::254", "fc00::1", "::ffff:10.0.0.1", "224.0.0.1"
            })
    void addressesInsideANetworkAreToldFromOthers(String address) throws Exception {
        assertThat(InternalAddress.isInternal(InetAddress.ofLiteral(address))).isTrue();
        assertThat(InternalAddress.isInternal(InetAddress.ofLiteral("93.184.216.34")))
                .isFalse();
        assertThat(InternalAddress.isInternal(InetAddress.ofLiteral("2606:2800:220:1::1")))
                .isFalse();
    }
}
