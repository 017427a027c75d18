package io.embeddingoperator.runner.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands between a client and a server. Armed, it lets the next COMMIT reach the server, waits for the answer and then
 * breaks the connection instead of handing the answer on: the client cannot know whether the commit took place, and it
 * did.
 */
final class ReplyLosingProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int serverPort;
    private final AtomicBoolean armed = new AtomicBoolean();
    private final AtomicInteger lost = new AtomicInteger();

    private ReplyLosingProxy(ServerSocket listener, int serverPort) {
        this.listener = listener;
        this.serverPort = serverPort;
    }

    static ReplyLosingProxy before(String uri) throws IOException {
        int port = Integer.parseInt(uri.replaceFirst(".*:(\\d+)/.*", "$1"));
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ReplyLosingProxy proxy = new ReplyLosingProxy(listener, port);
        Thread.ofVirtual().start(proxy::accept);
        return proxy;
    }

    /** The URI with the proxy's port in place of the server's. */
    String uri(String uri) {
        return uri.replaceFirst(":\\d+/", ":" + listener.getLocalPort() + "/");
    }

    void arm() {
        armed.set(true);
    }

    int lostReplies() {
        return lost.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                AtomicBoolean losing = new AtomicBoolean();
                Commits commits = new Commits();
                Thread.ofVirtual().start(() -> pump(client, server, losing, Optional.of(commits)));
                Thread.ofVirtual().start(() -> pump(server, client, losing, Optional.empty()));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** @param commits of a client; empty where the server speaks */
    private void pump(Socket from, Socket to, AtomicBoolean losing, Optional<Commits> commits) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                if (commits.isPresent()) {
                    if (commits.get().in(buffer, length) && armed.compareAndSet(true, false)) {
                        losing.set(true);
                    }
                } else if (losing.get()) {
                    lost.incrementAndGet();
                    return;
                }
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            // One side is gone: closing both tells the other.
            return;
        }
    }

    /** Recognises the commits of a connection: the driver says the word once, and from then on the name of its statement. */
    private static final class Commits {
        private static final Pattern PREPARED = Pattern.compile("\0?([^\0]*)\0COMMIT\0");

        private Optional<String> statement = Optional.empty();

        boolean in(byte[] buffer, int length) {
            String sent = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
            Matcher prepared = PREPARED.matcher(sent);
            if (prepared.find()) {
                // The name follows the length of the message, of which no byte need be zero.
                statement = Optional.of(prepared.group(1))
                        .map(name -> name.substring(Math.max(0, name.indexOf("S_"))))
                        .filter(name -> !name.isEmpty());
            }
            return sent.contains("COMMIT")
                    || statement
                            .filter(name -> sent.contains("\0" + name + "\0"))
                            .isPresent();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
