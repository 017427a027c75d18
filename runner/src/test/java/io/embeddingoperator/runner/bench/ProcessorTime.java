package io.embeddingoperator.runner.bench;

import io.embeddingoperator.runner.testing.TestingPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * Where processor time goes on Linux, from /proc: unlike the clock on the wall it hardly changes when other programs
 * are busy. The server must run without autovacuum, whose workers would count as backends.
 */
final class ProcessorTime {
    /** The kernel reports in this unit to all programs, whatever its own is. */
    private static final double TICKS_PER_SECOND = 100;

    private final String server;
    private final Set<String> background = new HashSet<>();

    private ProcessorTime(String server) {
        this.server = server;
    }

    /**
     * Seconds.
     *
     * @param client this process and those that it started and that have ended
     * @param backends of the server that serve clients, also those that have ended
     * @param background of the server: checkpointer, writers of pages and of the log
     */
    record Seconds(double client, double backends, double background) {
        Seconds since(Seconds start) {
            return new Seconds(client - start.client, backends - start.backends, background - start.background);
        }

        double total() {
            return client + backends + background;
        }
    }

    /** Of the server that has the given database. */
    static ProcessorTime of(String database) throws IOException, SQLException {
        try (Connection connection = TestingPostgres.connect(database);
                ResultSet folder = connection.createStatement().executeQuery("SHOW data_directory");
                ResultSet process = connection
                        .createStatement()
                        .executeQuery("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'")) {
            folder.next();
            ProcessorTime time = new ProcessorTime(Files.readAllLines(Path.of(folder.getString(1), "postmaster.pid"))
                    .getFirst());
            while (process.next()) {
                time.background.add(process.getString(1));
            }
            return time;
        }
    }

    Seconds now() throws IOException {
        while (true) {
            try {
                double ended = seconds(server, Fields.WITH_ENDED_CHILDREN);
                double backends = ended;
                double writers = 0;
                for (String process : Files.readString(Path.of("/proc", server, "task", server, "children"))
                        .split(" ")) {
                    double seconds = seconds(process, Fields.ITSELF);
                    if (background.contains(process)) {
                        writers += seconds;
                    } else {
                        backends += seconds;
                    }
                }
                if (ended == seconds(server, Fields.WITH_ENDED_CHILDREN)) {
                    return new Seconds(seconds("self", Fields.WITH_ENDED_CHILDREN), backends, writers);
                }
            } catch (NoSuchFileException e) {
                // A backend ended meanwhile; its time is found with the server's own.
            }
        }
    }

    private enum Fields {
        ITSELF,
        WITH_ENDED_CHILDREN
    }

    private static double seconds(String process, Fields wanted) throws IOException {
        String stat = Files.readString(Path.of("/proc", process, "stat"));
        // The name in parentheses may hold blanks; user and system time are the fields 14 and 15, of children 16 and
        // 17.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        if (wanted == Fields.WITH_ENDED_CHILDREN) {
            ticks += Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
        }
        return ticks / TICKS_PER_SECOND;
    }
}
