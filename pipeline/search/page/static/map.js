// The map of the hits: countries from a file of ours, clusters from the API for what is in sight, and the same as a table.
"use strict";
(() => {
  const g = () => window.gabung;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let countries = null;

  async function base(map, address) {
    countries ||= await (await fetch(address)).json();
    L.geoJSON(whole(topojson.feature(countries, countries.objects.countries)), {
      interactive: false, renderer: L.canvas({ padding: 0.3 }),
      style: { color: colour("--border"), weight: 0.8, fillColor: colour("--land"), fillOpacity: 1 },
    }).addTo(map);
  }

  // What crosses the 180th meridian is drawn on both sides of the map, not as a line across it.
  function whole(collection) {
    for (const { geometry } of collection.features) {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      geometry.type = "MultiPolygon";
      geometry.coordinates = polygons.flatMap((rings) => {
        let crosses = false;
        const even = rings.map((ring) => {
          let shift = 0;
          return ring.map(([lon, lat], at) => {
            if (at && Math.abs(lon - ring[at - 1][0]) > 180) { shift += lon < ring[at - 1][0] ? 360 : -360; crosses = true; }
            return [lon + shift, lat];
          });
        });
        const beside = (by) => even.map((ring) => ring.map(([lon, lat]) => [lon + by, lat]));
        return crosses ? [even, beside(360), beside(-360)] : [even];
      });
    }
    return collection;
  }

  async function draw(place) {
    // Where the map stands is part of the address, so that what is seen can be sent to a colleague.
    const stood = new URLSearchParams(location.hash.slice(1)).get("at")?.split(",").map(Number);
    const map = L.map(place, { attributionControl: false, minZoom: 2, maxZoom: 15, maxBounds: [[-86, -190], [86, 190]], maxBoundsViscosity: 0.8, zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false });
    L.control.attribution({ prefix: false }).addAttribution("Natural Earth").addTo(map);
    const bounds = place.dataset.box ? place.dataset.box.split(",").map(Number) : null;
    if (bounds && !stood) map.fitBounds([[bounds[0], bounds[1]], [bounds[2], bounds[3]]]);
    else map.setView(stood ? [stood[0], stood[1]] : [-2.5, 118], stood ? stood[2] : (place.clientWidth < 600 ? 3 : 4));
    await base(map, place.dataset.base);
    const shown = L.layerGroup().addTo(map);
    let latest = 0;

    async function show() {
      const mine = ++latest;
      const bounds = map.getBounds(), centre = map.getCenter();
      history.replaceState(history.state, "", `#at=${centre.lat.toFixed(3)},${centre.lng.toFixed(3)},${map.getZoom()}`);
      const whole = bounds.getEast() - bounds.getWest() >= 360;
      const within = (value) => Math.min(180, Math.max(-180, value));
      const box = [Math.max(-90, bounds.getSouth()), whole ? -180 : within(bounds.getWest()), Math.min(90, bounds.getNorth()), whole ? 180 : within(bounds.getEast())];
      // Within the area that the question is bound to, if it is to one.
      const bound = place.dataset.box ? place.dataset.box.split(",").map(Number) : null;
      if (bound) for (const at of [0, 1, 2, 3]) box[at] = at < 2 ? Math.max(box[at], bound[at]) : Math.min(box[at], bound[at]);
      if (box[0] > box[2] || box[1] > box[3]) { shown.clearLayers(); table(map, []); return; }
      const separator = place.dataset.map.endsWith("?") ? "" : "&";
      let found;
      try { found = await g().api(`${place.dataset.map}${separator}box=${box.map((one) => one.toFixed(5)).join(",")}&zoom=${map.getZoom()}`); } catch (_) { return; }
      if (mine !== latest || !place.isConnected) return;
      const sites = together(found.features);
      g().raise(found.features.map((one) => one.properties.tlp));
      shown.clearLayers();
      for (const site of sites) shown.addLayer(marker(map, site));
      table(map, sites);
    }
    map.on("moveend", show);
    place.addEventListener("gabung:within", () => within(place, map));
    await show();
  }

  // Several documents at one place are one mark.
  function together(features) {
    const sites = new Map();
    for (const feature of features) {
      const key = feature.geometry.coordinates.join();
      const site = sites.get(key) || { at: feature.geometry.coordinates, count: 0, single: [], box: feature.properties.box, place: feature.properties.place };
      site.count += feature.properties.count;
      if (feature.properties.id) site.single.push(feature.properties);
      sites.set(key, site);
    }
    return [...sites.values()].sort((a, b) => b.count - a.count);
  }
  const all = (site) => site.single.length === site.count;
  function links(site) {
    const list = g().make("ul", { class: "plain" });
    for (const one of site.single.slice(0, 30)) {
      list.append(g().make("li", {}, one.tlp ? g().marking(one.tlp) : null, " ", g().make("a", { href: g().address(one.doc, one.id), text: one.label })));
    }
    if (site.single.length > 30) list.append(g().make("li", { class: "quiet", text: `+${site.single.length - 30}` }));
    return list;
  }
  function marker(map, site) {
    const size = Math.round(22 + 7 * Math.log10(site.count) * 1.6);
    const icon = L.divIcon({ className: `cluster${site.count === 1 ? " one" : ""}`, html: document.createTextNode(site.count === 1 ? "" : String(site.count)).textContent, iconSize: site.count === 1 ? [16, 16] : [size, size] });
    const name = site.count === 1 && site.single[0] ? site.single[0].label : [site.place, site.count].filter(Boolean).join(": ");
    const made = L.marker([site.at[1], site.at[0]], { icon, alt: name, title: name, keyboard: true });
    if (all(site)) made.bindPopup(() => links(site));
    else made.on("click", () => map.fitBounds([[site.box[0], site.box[1]], [site.box[2], site.box[3]]], { maxZoom: map.getZoom() + 3 }));
    return made;
  }
  function table(map, sites) {
    const rows = sites.slice(0, 100).map((site) => {
      const place = [site.place, `${site.at[1].toFixed(2)}, ${site.at[0].toFixed(2)}`].filter(Boolean).join(" · ");
      const cell = g().make("td");
      if (all(site)) cell.append(g().make("span", { class: "quiet", text: place }), links(site));
      else {
        const closer = g().make("button", { type: "button", class: "plain", text: place });
        closer.addEventListener("click", () => map.setView([site.at[1], site.at[0]], Math.min(15, map.getZoom() + 2)));
        cell.append(closer);
      }
      return g().make("tr", {}, cell, g().make("td", { class: "number", text: String(site.count) }));
    });
    document.querySelector("#map-table tbody")?.replaceChildren(...rows);
  }
  function within(place, map) {
    const bounds = map.getBounds();
    const box = [Math.max(-90, bounds.getSouth()), Math.max(-180, bounds.getWest()), Math.min(90, bounds.getNorth()), Math.min(180, bounds.getEast())];
    const query = new URLSearchParams(place.dataset.query);
    query.set("box", box.map((one) => one.toFixed(3)).join(","));
    location.assign(`/map?${query}${location.hash}`);
  }

  const start = () => document.querySelectorAll("[data-map]:not([data-drawn])").forEach((place) => { place.dataset.drawn = ""; draw(place); });
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);
  document.addEventListener("click", (event) => { if (event.target.closest("#map-within")) document.getElementById("map").dispatchEvent(new Event("gabung:within")); });
})();
