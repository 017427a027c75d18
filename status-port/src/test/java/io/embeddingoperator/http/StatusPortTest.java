package io.embeddingoperator.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusPortTest {
    /** More than the buffers between two sockets take. */
    private static final String LARGE = "x".repeat(16 << 20);

    private static final Map<String, Supplier<Answer>> ANSWERS = Map.of(
            "/healthz", () -> Answer.text(200, "ok\n"), "/large", () -> Answer.text(200, LARGE), "/broken", () -> {
                throw new IllegalStateException("secret");
            });

    private static final String WHOLE = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

    /** Longer than any test takes. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration SHORT = Duration.ofMillis(300);

    private static StatusPort open(int connections, Duration life) throws IOException {
        return StatusPort.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), ANSWERS, connections, life);
    }

    private static Socket send(StatusPort port, String words) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(words.getBytes(US_ASCII));
        return socket;
    }

    private static String answer(StatusPort port, String request) throws IOException {
        try (Socket socket = send(port, request)) {
            return read(socket);
        }
    }

    /** Until the port closes the connection. */
    private static String read(Socket socket) throws IOException {
        try {
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        } catch (SocketException closed) {
            return "";
        }
    }

    @Test
    void answersOneRequestAndCloses() throws IOException {
        try (StatusPort port = open(4, LONG)) {
            assertThat(answer(port, WHOLE + WHOLE))
                    .startsWith("HTTP/1.1 200 OK")
                    .containsIgnoringCase("connection: close")
                    .endsWith("\r\n\r\nok\n")
                    .containsOnlyOnce("200 OK");
            assertThat(answer(port, "GET /healthz HTTP/1.0\r\n\r\n")).endsWith("ok\n");
        }
    }

    @Test
    void answersNothingElse() throws IOException {
        try (StatusPort port = open(4, LONG)) {
            assertThat(answer(port, "GET /secrets HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 404");
            assertThat(answer(port, "GET /broken HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .startsWith("HTTP/1.1 500")
                    .doesNotContain("secret");
            assertThat(answer(port, "DELETE /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .startsWith("HTTP/1.1 405");
            assertThat(answer(port, "GET /healthz HTTP/1.1\r\nX: " + "z".repeat(9_000)))
                    .startsWith("HTTP/1.1 431");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /hea",
                "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ",
                "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf",
                "PRI * HTTP/2.0\r\n\r\n",
                "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
            })
    void closesAConnectionWhoseTimeIsOverAlsoOneThatStillSends(String words) throws IOException {
        try (StatusPort port = open(4, SHORT);
                Socket held = send(port, words)) {
            Instant end = Instant.now().plus(PATIENCE);
            while (isOpen(held)) {
                assertThat(Instant.now()).as("the connection is still open").isBefore(end);
            }

            assertThat(answer(port, WHOLE)).endsWith("ok\n");
        }
    }

    /** A byte now and then does not lengthen it, and what is sent to a closed connection comes back as an error. */
    private static boolean isOpen(Socket socket) {
        try {
            Thread.sleep(20);
            socket.getOutputStream().write('z');
            return true;
        } catch (IOException closed) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void aNewConnectionIsHeardWhileAllAreHeldAndClosesTheOldest() throws IOException {
        List<Socket> held = new ArrayList<>();
        try (StatusPort port = open(8, LONG)) {
            for (int count = 0; count < 100; count++) {
                held.add(send(port, "GET /healthz HTTP/1.1\r\nX-A: "));
                if (count % 10 == 0) {
                    assertThat(answer(port, WHOLE)).endsWith("ok\n");
                }
            }

            assertThat(read(held.getFirst())).isEmpty();
            assertThat(answer(port, WHOLE)).endsWith("ok\n");
            // and the newest of those that are held may still say what it wants
            held.getLast().getOutputStream().write("\r\n\r\n".getBytes(US_ASCII));
            assertThat(read(held.getLast())).endsWith("ok\n");
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void aPortThatIsTakenIsAFailure() throws IOException {
        try (StatusPort first = open(4, LONG)) {
            assertThatThrownBy(() -> StatusPort.open(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), first.port()), ANSWERS))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
        }
    }
}
