package io.embeddingoperator.runner.proof;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Stands before a server of HTTP that is asked for objects, and does with most requests what networks and busy servers do: resets the
 * connection, answers 503, sends the body slowly, or a part of it. Every connection has one request, as a server may wish.
 */
final class FaultProxy implements AutoCloseable {
    /** One after the other, so that no request meets faults alone. */
    private static final Fault[] ROUND = {
        Fault.NONE, Fault.RESET, Fault.NONE, Fault.BUSY, Fault.NONE, Fault.SLOW, Fault.NONE, Fault.CUT
    };

    private static final byte[] SLOW_DOWN =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 38\r\nConnection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>  "
                    .getBytes(StandardCharsets.US_ASCII);
    /** An empty line. */
    private static final int END_OF_HEAD = 0x0D0A0D0A;

    private static final int SLOW_BYTES = 4 * 1024;
    private static final int SLOW_MILLIS = 2;

    private static final Fault[] NO_FAULTS = {Fault.NONE};

    private final ServerSocket listener;
    private final int serverPort;
    private final Fault[] round;
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<Fault, LongAdder> done = new ConcurrentHashMap<>();
    private final Set<String> paths = ConcurrentHashMap.newKeySet();

    enum Fault {
        NONE,
        RESET,
        BUSY,
        SLOW,
        CUT
    }

    private FaultProxy(ServerSocket listener, int serverPort, Fault[] round) {
        this.listener = listener;
        this.serverPort = serverPort;
        this.round = round;
    }

    static FaultProxy before(int serverPort) throws IOException {
        return started(serverPort, ROUND);
    }

    /** One that passes all requests on and looks at them. */
    static FaultProxy watching(int serverPort) throws IOException {
        return started(serverPort, NO_FAULTS);
    }

    private static FaultProxy started(int serverPort, Fault[] round) throws IOException {
        FaultProxy proxy = new FaultProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), serverPort, round);
        Thread.ofVirtual().start(proxy::accept);
        return proxy;
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** The faults that requests met, each with their number. */
    Map<Fault, LongAdder> done() {
        return Map.copyOf(done);
    }

    /** The paths that were asked for since this was asked last, without what follows a question mark. */
    Set<String> pathsSince() {
        Set<String> asked = Set.copyOf(paths);
        paths.clear();
        return asked;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            byte[] request = head(client.getInputStream());
            if (request.length == 0) {
                return;
            }
            paths.add(path(request));
            Fault fault = round[requests.getAndIncrement() % round.length];
            done.computeIfAbsent(fault, _ -> new LongAdder()).increment();
            switch (fault) {
                case RESET -> client.setSoLinger(true, 0);
                case BUSY -> client.getOutputStream().write(SLOW_DOWN);
                case NONE, SLOW, CUT -> answer(request, client.getOutputStream(), fault);
            }
        } catch (IOException e) {
            // The client went away, or the server did, and the other one sees it.
        }
    }

    private void answer(byte[] request, OutputStream client, Fault fault) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
            server.getOutputStream().write(request);
            InputStream answer = server.getInputStream();
            byte[] head = head(answer);
            client.write(head);
            long length = length(head);
            long most = fault == Fault.CUT ? length / 2 : length;
            byte[] part = new byte[fault == Fault.SLOW ? SLOW_BYTES : 256 * 1024];
            for (long sent = 0; sent < most; ) {
                int read = answer.read(part, 0, (int) Math.min(part.length, most - sent));
                if (read < 0) {
                    return;
                }
                client.write(part, 0, read);
                sent += read;
                if (fault == Fault.SLOW) {
                    Thread.sleep(SLOW_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String path(byte[] request) {
        String line = new String(request, StandardCharsets.US_ASCII).split("\r\n", 2)[0];
        return line.split(" ")[1].split("\\?", 2)[0];
    }

    /** What stands before the body, and says that the connection ends behind it; nothing where the connection ends before. */
    private static byte[] head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            last = last << 8 | next;
            if (last == END_OF_HEAD) {
                return (head.toString(StandardCharsets.ISO_8859_1)
                                        .replaceFirst("(?i)\r\nConnection:[^\r]*", "")
                                        .stripTrailing()
                                + "\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
            }
        }
        return new byte[0];
    }

    /** Of the body; one without a length ends with the connection. */
    private static long length(byte[] head) {
        return new String(head, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
                .map(line -> line.substring(15).strip())
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }
}
