package io.embeddingoperator.bench.pacing;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/** Small charts of the budget used over time, as SVG: one a recording, in a grid. */
final class Plot {
    private static final int WIDTH = 470;
    private static final int HEIGHT = 170;
    private static final int LEFT = 52;
    private static final int TOP = 56;
    private static final int GAP_X = 40;
    private static final int GAP_Y = 62;
    private static final double SECONDS = Scenario.LENGTH.toSeconds();
    private static final double STEP = 2;
    private static final double MOST_USE = 2;

    private Plot() {}

    /** @param first the limit before it changes, in tokens a second: 1 on the axis */
    record Chart(String title, Recording recording, double first) {}

    static String svg(List<Chart> charts, int columns) {
        int rows = (charts.size() + columns - 1) / columns;
        int width = LEFT + columns * (WIDTH + GAP_X);
        int height = TOP + rows * (HEIGHT + GAP_Y);
        StringBuilder svg = new StringBuilder();
        append(svg, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
                <rect width="%d" height="%d" fill="white"/>
                <text x="%d" y="20" font-size="13"><tspan fill="#1f6fb4">used</tspan> and \
                <tspan fill="#777777">limit</tspan>, as a part of the first limit; \
                <tspan fill="#2a9d4e">what is left in the bucket</tspan>, as a part of the limit; \
                <tspan fill="#c8322b">refused</tspan>, as a part of the requests (all in steps of 2 s)</text>
                """, width, height, width, height, LEFT);
        for (int index = 0; index < charts.size(); index++) {
            chart(
                    svg,
                    charts.get(index),
                    LEFT + index % columns * (WIDTH + GAP_X),
                    TOP + index / columns * (HEIGHT + GAP_Y));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void chart(StringBuilder svg, Chart chart, int x, int y) {
        append(svg, "<g transform=\"translate(%d %d)\">%n", x, y);
        append(svg, "<text y=\"-8\" font-weight=\"bold\">%s</text>%n", chart.title());
        for (int minute = 0; minute <= 10; minute++) {
            double at = x(minute * 60);
            append(svg, "<line x1=\"%.1f\" x2=\"%.1f\" y2=\"%d\" stroke=\"#eeeeee\"/>", at, at, HEIGHT);
            append(svg, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d:00</text>%n", at, HEIGHT + 14, minute);
        }
        for (double part = 0; part <= MOST_USE; part += 0.5) {
            append(svg, "<line x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#eeeeee\"/>", WIDTH, y(part), y(part));
            append(svg, "<text x=\"-6\" y=\"%.1f\" text-anchor=\"end\">%.0f %%</text>%n", y(part) + 4, 100 * part);
        }
        Recording recording = chart.recording();
        bars(svg, recording);
        line(svg, "#777777", 1.2, at -> recording.limitAt(at) / chart.first());
        line(svg, "#2a9d4e", 1.2, recording::levelAt);
        line(svg, "#1f6fb4", 1.4, at -> recording.tokenUse(at, at + STEP) * recording.limitAt(at) / chart.first());
        svg.append("</g>\n");
    }

    private static void bars(StringBuilder svg, Recording recording) {
        svg.append("<path fill=\"#c8322b\" fill-opacity=\"0.35\" d=\"");
        for (double at = 0; at < SECONDS; at += STEP) {
            double height = HEIGHT - y(recording.refusedPart(at, at + STEP));
            if (height > 0) {
                append(svg, "M%.1f %dv-%.1fh%.2fv%.1fz", x(at), HEIGHT, height, x(STEP), height);
            }
        }
        svg.append("\"/>\n");
    }

    private static void line(StringBuilder svg, String colour, double width, DoubleUnaryOperator value) {
        append(svg, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"%.1f\" points=\"", colour, width);
        for (double at = 0; at + STEP < SECONDS; at += STEP) {
            append(svg, "%.1f,%.1f ", x(at), y(Math.min(MOST_USE, value.applyAsDouble(at))));
        }
        svg.append("\"/>\n");
    }

    private static double x(double seconds) {
        return seconds / SECONDS * WIDTH;
    }

    private static double y(double part) {
        return HEIGHT * (1 - part / MOST_USE);
    }

    private static void append(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
