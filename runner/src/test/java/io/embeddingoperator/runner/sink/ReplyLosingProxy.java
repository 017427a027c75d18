package io.embeddingoperator.runner.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

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
                Thread.ofVirtual().start(() -> pump(client, server, losing, true));
                Thread.ofVirtual().start(() -> pump(server, client, losing, false));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void pump(Socket from, Socket to, AtomicBoolean losing, boolean toServer) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                if (toServer && holdsCommit(buffer, length) && armed.compareAndSet(true, false)) {
                    losing.set(true);
                } else if (!toServer && losing.get()) {
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

    private static boolean holdsCommit(byte[] buffer, int length) {
        return new String(buffer, 0, length, StandardCharsets.ISO_8859_1).contains("COMMIT");
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
