// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Rounds of the same work, by all contestants in turns, so that whatever else the machine does hits each of them
/// alike. The first one is ours; each other is what it is compared with.
public final class Contest {
  private final String name;
  private final String unit;
  private final List<Turn> contestants;
  private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

  /// @param unit of the figure that is compared
  public Contest(String name, String unit, List<Turn> contestants) {
    this.name = name;
    this.unit = unit;
    this.contestants = List.copyOf(contestants);
  }

  public String name() {
    return name;
  }

  public Contest run(int rounds) {
    for (int round = 0; round < rounds; round++) {
      List<Turn> turns = round % 2 == 0 ? contestants : contestants.reversed();
      for (Turn one : turns) {
        samples.computeIfAbsent(one.name(), _ -> new ArrayList<>()).add(one.round());
      }
    }
    return this;
  }

  /// A line for each contestant.
  public String table() {
    return contestants.stream().map(this::row).collect(Collectors.joining(System.lineSeparator()));
  }

  /// What can be searched for: the ratios of ours to each other, round by round.
  public List<String> shown() {
    return others().stream()
        .map(other -> "shown: bench name=%s unit=%s ours=%.2f %s=%.2f ratio=%.2f ratio-min=%.2f ratio-max=%.2f"
            .formatted(name.replace(' ', '-'), unit, median(ours()), other.replace('-', '_'), median(other),
                ratio(other).median(), ratio(other).least(), ratio(other).most())
            + " rounds=" + all(other).size())
        .toList();
  }

  public String json() {
    return contestants.stream().map(this::json).collect(
        Collectors.joining(",", "{\"contest\":\"%s\",\"unit\":\"%s\",\"results\":[".formatted(name, unit), "]}"));
  }

  private String row(Turn one) {
    Figures figures = figures(one.name());
    String ratio = one.name().equals(ours())
        ? ""
        : "   ours is %.2f of it (%.2f to %.2f)".formatted(ratio(one.name()).median(), ratio(one.name()).least(),
            ratio(one.name()).most());
    return "%-24s %-16s %10.2f %s (%.2f to %.2f)%s%s".formatted(name, one.name(), figures.median(), unit,
        figures.least(), figures.most(), also(one.name()).entrySet().stream()
            .map(figure -> "   %s %.1f".formatted(figure.getKey(), figure.getValue())).collect(Collectors.joining()),
        ratio);
  }

  private String json(Turn one) {
    Figures figures = figures(one.name());
    return "{\"name\":\"%s\",\"median\":%.3f,\"min\":%.3f,\"max\":%.3f".formatted(one.name(), figures.median(),
        figures.least(), figures.most())
        + also(one.name()).entrySet().stream()
            .map(figure -> ",\"%s\":%.3f".formatted(figure.getKey().replace(' ', '_'), figure.getValue()))
            .collect(Collectors.joining())
        + "}";
  }

  private String ours() {
    return contestants.getFirst().name();
  }

  private List<String> others() {
    return contestants.stream().skip(1).map(Turn::name).toList();
  }

  private Figures figures(String contestant) {
    return Figures.of(all(contestant).stream().mapToDouble(Sample::figure));
  }

  private double median(String contestant) {
    return figures(contestant).median();
  }

  private Figures ratio(String other) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < all(other).size(); i++) {
      ratios.add(all(ours()).get(i).figure() / all(other).get(i).figure());
    }
    return Figures.of(ratios.stream().mapToDouble(Double::doubleValue));
  }

  private Map<String, Double> also(String contestant) {
    Map<String, Double> medians = new LinkedHashMap<>();
    all(contestant).getFirst().also().keySet().forEach(key -> medians.put(key,
        Figures.of(all(contestant).stream().mapToDouble(sample -> sample.also().getOrDefault(key, 0.0))).median()));
    return medians;
  }

  private List<Sample> all(String contestant) {
    return samples.getOrDefault(contestant, List.of());
  }
}
