package io.embeddingoperator.runner.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.util.Map;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;

/**
 * Sockets that notice within two minutes that the server's machine is gone, also while a statement of hours runs. The
 * system's own default is two hours. The driver makes this class by its name.
 */
public final class KeepAliveSocketFactory extends SocketFactory {
    private static final Map<SocketOption<Integer>, Integer> PROBES = Map.of(
            ExtendedSocketOptions.TCP_KEEPIDLE, 60,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 15,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 4);

    @Override
    public Socket createSocket() throws IOException {
        return withProbes(new Socket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return withProbes(new Socket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return withProbes(new Socket(host, port, from, fromPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return withProbes(new Socket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return withProbes(new Socket(host, port, from, fromPort));
    }

    private static Socket withProbes(Socket socket) throws IOException {
        for (Map.Entry<SocketOption<Integer>, Integer> probe : PROBES.entrySet()) {
            if (socket.supportedOptions().contains(probe.getKey())) {
                socket.setOption(probe.getKey(), probe.getValue());
            }
        }
        return socket;
    }
}
